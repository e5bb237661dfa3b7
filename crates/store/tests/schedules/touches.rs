//! Touches of one entry at once, and what removes it meanwhile.

use pinfold_core::{Draft, Timestamp, Touches};
use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, Recents, Scope, StoreError};
use shuttle::future::{JoinHandle, spawn};

use crate::runner::in_every_schedule;
use crate::support::{NOW, one};
use crate::world::{World, alice, entry};

#[test]
fn of_touches_at_once_the_latest_time_stays_and_none_is_seen_before_it_is_durable() {
    in_every_schedule(&Settings::default(), async |world| {
        world.import().await;
        let tasks = [world.touching(&[3, 1]), world.touching(&[2, 4])];
        let watching = watching(&world);
        for task in tasks {
            task.await.unwrap();
        }
        watching.await.unwrap();
        assert_eq!(kept(&world), Some(Timestamp(4)), "a later time was lost");
        world.assert_at_rest().await;
    });
}

/// Reads the entry several times, as a task; its time only ever becomes later.
fn watching(world: &World) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move {
        let mut seen = None;
        for _ in 0..3 {
            let found = world.entry().await.unwrap();
            assert!(found >= seen, "{seen:?} was seen before {found:?}");
            seen = found;
        }
    })
}

#[test]
fn touches_join_changes_of_accounts() {
    in_every_schedule(&Settings::default(), async |world| {
        world.import().await;
        let (marking, touching) = (world.marking(&[1, 2]), world.touching(&[2, 5, 3]));
        assert_eq!(marking.await.unwrap(), 0b11);
        touching.await.unwrap();
        assert_eq!(kept(&world), Some(Timestamp(5)));
        world.assert_at_rest().await;
    });
}

#[test]
fn a_removal_amid_touches_removes_what_its_rule_saw_and_nothing_later() {
    in_every_schedule(&Settings::default(), async |world| {
        world.import().await;
        world.touch(1).await.unwrap();
        let (removing, other) = (world.clone(), world.clone());
        let removing = spawn(async move { remove(&removing).await });
        // Not read afterwards: the removal may come after it.
        let touching = spawn(async move { other.store.touch(alice().app, &touches(5), NOW).await.unwrap() });
        let removed = removing.await.unwrap();
        touching.await.unwrap();
        let left = if removed == Some(Timestamp(5)) { None } else { Some(Timestamp(5)) };
        assert_eq!(kept(&world), left, "the rule saw {removed:?}");
        world.assert_at_rest().await;
    });
}

/// Removes alice's entry of bob; gives the time that the rule saw.
async fn remove(world: &World) -> Option<Timestamp> {
    let rule = |draft: &mut Draft<'_>, at: Option<Timestamp>| {
        if let Some(Timestamp(at)) = at {
            draft.remove_entry(entry(at));
        }
        Ok(at)
    };
    world.store.update_with_entry(&alice(), &one("bob"), NOW, rule).await.unwrap()
}

#[test]
fn a_trim_amid_touches_leaves_what_is_later() {
    in_every_schedule(&Settings::default(), async |world| {
        world.import().await;
        world.touch(1).await.unwrap();
        let trimming = world.clone();
        let trimming = spawn(async move {
            let life = trimming.backend.load(&alice(), &Scope::Head).await.unwrap().version.unwrap().life;
            trimming.backend.trim(&alice(), life, &[entry(1)]).await.unwrap();
        });
        let touching = world.touching(&[5]);
        trimming.await.unwrap();
        touching.await.unwrap();
        assert_eq!(kept(&world), Some(Timestamp(5)), "a trim removed what was touched");
        world.assert_at_rest().await;
    });
}

#[test]
fn an_account_that_comes_after_a_deletion_amid_touches_is_touched_itself() {
    in_every_schedule(&Settings::default(), async |world| {
        world.import().await;
        let touching = world.clone();
        let touching = spawn(async move { touching.backend.touch(alice().app, &touches(9)).await.unwrap() });
        world.change(|draft| draft.delete()).await.unwrap();
        world.set(1).await.unwrap();
        world.touch(2).await.unwrap();
        touching.await.unwrap();
        assert!([Some(Timestamp(2)), Some(Timestamp(9))].contains(&kept(&world)));
        world.assert_at_rest().await;
    });
}

#[test]
fn touches_on_a_failing_disk_are_answered_and_what_was_acknowledged_is_durable() {
    in_every_schedule(&Settings::default(), async |world| {
        world.import().await;
        world.disk.fail_after(1);
        let tasks = [world.touching(&[2, 4]), world.touching(&[3, 1])];
        let mut acknowledged = None;
        for task in tasks {
            acknowledged = acknowledged.max(task.await.unwrap());
        }
        assert_eq!(kept(&world), acknowledged, "another time is durable than was acknowledged");
        assert!(matches!(world.touch(1).await, Err(StoreError::Poisoned(_))), "a failed store took a touch");
        world.assert_at_rest().await;
    });
}

#[test]
fn a_touch_that_the_full_queue_rejects_leaves_nothing() {
    let settings = Settings { waiting_max: 1, ..Settings::default() };
    in_every_schedule(&settings, async |world| {
        world.import().await;
        let tasks = [world.touching(&[2, 4]), world.touching(&[3, 1])];
        let mut acknowledged = None;
        for task in tasks {
            acknowledged = acknowledged.max(task.await.unwrap());
        }
        assert_eq!(kept(&world), acknowledged);
        world.assert_at_rest().await;
    });
}

fn touches(at: u32) -> Touches {
    Touches { entries: vec![(alice().account, entry(at))], chat_groups: Vec::new() }
}

fn kept(world: &World) -> Option<Timestamp> {
    world.disk.entry(&alice(), &one("bob"))
}
