//! The history amid commits: whatever head is durable has its whole run of changes, and a listener that reads where an
//! account stands and then follows what it is told misses nothing and sees nothing twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use pinfold_core::{Draft, Event, HistoryChange, Origin, Revision, TimeMs, Via};
use pinfold_store::embedded::Settings;
use pinfold_store::embedded::schedules::Disk;
use pinfold_store::{Backend, ChangeRange, History, HistoryBounds, Scope, StoreError, UpdateError};
use shuttle::future::{JoinHandle, spawn};

use crate::listener::{Hub, Told, assert_follows, follow};
use crate::runner::in_every_schedule;
use crate::support::{NOW, one};
use crate::world::{World, alice, assert_expected, bits};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
pub(crate) const EVERYTHING: ChangeRange = ChangeRange {
    from: Revision(1),
    until: Revision(u32::MAX),
    descending: false,
    count_max: usize::MAX,
    bytes_max: usize::MAX,
};
const NO_BOUNDS: HistoryBounds =
    HistoryBounds { not_before: TimeMs(0), changes_max: usize::MAX, bytes_max: usize::MAX };

#[test]
fn a_durable_head_has_the_whole_run_of_its_changes() {
    in_every_schedule(&Settings::default(), async |world| {
        let tasks = [keeping(&world, &[1, 2]), keeping(&world.without_turns(), &[4, 8])];
        let reading = reading(&world, Retention::Nothing);
        for task in tasks {
            task.await.unwrap();
        }
        reading.await.unwrap();
        assert_eq!(assert_whole(&world.disk), [1, 2, 3, 4]);
        assert_history_leads_to_the_marks(&world);
        world.assert_at_rest().await;
    });
}

#[test]
fn without_a_cache_a_durable_head_has_the_whole_run_of_its_changes() {
    let settings = Settings { cache_bytes_max: 1, ..Settings::default() };
    in_every_schedule(&settings, async |world| {
        let tasks = [keeping(&world, &[1, 2]), keeping(&world.without_turns(), &[4])];
        let reading = reading(&world, Retention::Nothing);
        for task in tasks {
            task.await.unwrap();
        }
        reading.await.unwrap();
        assert_eq!(assert_whole(&world.disk), [1, 2, 3]);
    });
}

#[test]
fn a_history_that_is_switched_off_and_on_amid_changes_has_no_hole() {
    in_every_schedule(&Settings::default(), async |world| {
        change(&world, true, NOW.into(), 1).await.unwrap();
        let off = world.without_turns();
        let off = spawn(async move { change(&off, false, NOW.into(), 2).await.unwrap() });
        let on = keeping(&world, &[4, 8]);
        let reading = reading(&world, Retention::Nothing);
        off.await.unwrap();
        on.await.unwrap();
        reading.await.unwrap();
        assert_whole(&world.disk);
        world.assert_at_rest().await;
    });
}

#[test]
fn a_listener_that_begins_amid_commits_misses_none_and_sees_none_twice() {
    in_every_schedule(&Settings::default(), async |world| {
        let hub = Hub::of(&world);
        let tasks = [keeping(&world, &[1, 2]), keeping(&world.without_turns(), &[4])];
        let (listening, listener) = (world.clone(), Arc::clone(&hub));
        let listening = spawn(async move { follow(&listening, &listener).await });
        for task in tasks {
            task.await.unwrap();
        }
        let standing = listening.await.unwrap();
        let (head, _) = world.disk.history(&alice()).unwrap();
        assert_eq!(assert_follows(standing, &hub.told()), head.revision, "the last commit was not told");
        world.assert_at_rest().await;
    });
}

#[test]
fn a_trim_amid_commits_leaves_the_newest_changes_without_a_hole() {
    in_every_schedule(&Settings::default(), async |world| {
        for bit in [1, 2, 4] {
            change(&world, true, NOW.into(), bit).await.unwrap();
        }
        let tasks = [trimming(&world, 1), trimming(&world, 2)];
        let (marking, reading) = (keeping(&world, &[8]), reading(&world, Retention::Removes));
        for task in tasks {
            task.await.unwrap();
        }
        marking.await.unwrap();
        reading.await.unwrap();
        assert!(assert_whole(&world.disk).contains(&4), "the newest change is gone");
        world.assert_at_rest().await;
    });
}

#[test]
fn a_sweep_amid_commits_after_a_clock_that_jumped_leaves_no_hole() {
    in_every_schedule(&Settings::default(), async |world| {
        let now = TimeMs::from(NOW).0;
        for (bit, at) in [(1, now + 9 * DAY_MS), (2, now), (4, now + 1)] {
            change(&world, true, TimeMs(at), bit).await.unwrap();
        }
        let sweeping = world.clone();
        let sweeping = spawn(async move {
            let bounds = BTreeMap::from([(alice().app, HistoryBounds { not_before: TimeMs(now + 2), ..NO_BOUNDS })]);
            sweeping.backend.sweep_changes(None, 100, &bounds).await.unwrap();
        });
        let later = world.clone();
        let marking = spawn(async move { change(&later, true, TimeMs(now + 3), 8).await.unwrap() });
        let reading = reading(&world, Retention::Removes);
        sweeping.await.unwrap();
        marking.await.unwrap();
        reading.await.unwrap();
        assert_eq!(assert_whole(&world.disk), [4]);
        world.assert_at_rest().await;
    });
}

#[test]
fn an_account_that_is_deleted_amid_changes_and_reads_has_a_history_of_its_own() {
    in_every_schedule(&Settings::default(), async |world| {
        change(&world, true, NOW.into(), 1).await.unwrap();
        let hub = Hub::of(&world);
        hub.listens.store(true, Ordering::Relaxed);
        let life = world.backend.positions(&[alice()]).await.unwrap()[0].unwrap().life;
        let (deleting, reading) = (world.clone(), reading(&world, Retention::Removes));
        let deleting = spawn(async move { deleting.change(|draft| draft.delete()).await.unwrap() });
        let marking = keeping(&world.without_turns(), &[2, 4]);
        deleting.await.unwrap();
        marking.await.unwrap();
        reading.await.unwrap();
        assert_whole(&world.disk);
        assert_eq!(world.backend.changes(&alice(), life, &EVERYTHING).await.unwrap(), []);
        world.backend.sweep_changes(None, 100, &BTreeMap::new()).await.unwrap();
        assert_whole(&world.disk);
        let told = hub.told();
        let deletion = told.iter().position(Option::is_none).expect("the deletion was told");
        let of_life = |told: &Told| told.as_ref().is_some_and(|(position, _)| position.life == life);
        assert!(told[..deletion].iter().all(of_life) && !told[deletion..].iter().any(of_life), "{told:?}");
        world.assert_at_rest().await;
    });
}

#[test]
fn on_a_failing_disk_nothing_is_told_and_kept_that_is_not_durable() {
    in_every_schedule(&Settings::default(), async |world| {
        let hub = Hub::of(&world);
        hub.listens.store(true, Ordering::Relaxed);
        world.disk.fail_after(1);
        of_two(&world, &hub).await;
        world.assert_at_rest().await;
    });
}

#[test]
fn what_the_full_queue_rejects_is_not_told_and_not_kept() {
    let settings = Settings { waiting_max: 1, ..Settings::default() };
    in_every_schedule(&settings, async |world| {
        let hub = Hub::of(&world);
        hub.listens.store(true, Ordering::Relaxed);
        of_two(&world, &hub).await;
        world.assert_at_rest().await;
    });
}

#[test]
fn a_store_that_is_closed_amid_changes_has_told_what_it_keeps() {
    in_every_schedule(&Settings::default(), async |world| {
        let hub = Hub::of(&world);
        hub.listens.store(true, Ordering::Relaxed);
        let tasks = [keeping(&world, &[1, 2]), keeping(&world.without_turns(), &[4, 8])];
        world.backend.close().await.unwrap();
        assert_told_is_kept(&world, &hub, tasks).await;
        assert_eq!(world.backend.in_flight_bytes(), 0);
    });
}

async fn of_two(world: &World, hub: &Hub) {
    let tasks = [keeping(world, &[1, 2]), keeping(&world.without_turns(), &[4, 8])];
    let reading = reading(world, Retention::Nothing);
    assert_told_is_kept(world, hub, tasks).await;
    reading.await.unwrap();
}

/// Exactly what was acknowledged was told, and is kept.
async fn assert_told_is_kept(world: &World, hub: &Hub, tasks: [JoinHandle<u64>; 2]) {
    let mut acknowledged = 0;
    for task in tasks {
        acknowledged += task.await.unwrap().count_ones();
    }
    assert_eq!(assert_follows(0, &hub.told()), acknowledged);
    assert_eq!(assert_whole(&world.disk), (1..=acknowledged).collect::<Vec<_>>());
}

/// Sets a mark of alice at this time.
async fn change(world: &World, keep: bool, at: TimeMs, bit: u64) -> Result<(), StoreError> {
    let origin = Origin { caller: None, via: Via::Cli, command: "mark_contact".into() };
    let rule = |draft: &mut Draft<'_>| {
        let mut arrangement = draft.arrangement(&one("bob")).clone();
        arrangement.standard.0 |= bit;
        draft.arrange(&one("bob"), arrangement);
        Ok(())
    };
    let updated = world.store.acting(&origin, keep).update(&alice(), &Scope::All, &[], at, rule).await;
    match updated {
        Ok(updated) => assert!(updated.change.is_some() || !keep, "the caller is not given its change"),
        Err(UpdateError::Store(error)) => return Err(error),
        Err(UpdateError::Refused(refusal)) => panic!("{refusal}"),
    }
    Ok(())
}

/// Sets these marks of alice one after the other and keeps the changes, as a task. Returns those that were acknowledged.
fn keeping(world: &World, marks: &'static [u64]) -> JoinHandle<u64> {
    let world = world.clone();
    spawn(async move {
        let mut acknowledged = 0;
        for bit in marks {
            match change(&world, true, NOW.into(), *bit).await {
                Ok(()) => acknowledged |= bit,
                Err(error) => assert_expected(&error),
            }
        }
        acknowledged
    })
}

fn trimming(world: &World, changes_max: usize) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move {
        let life = world.backend.positions(&[alice()]).await.unwrap()[0].unwrap().life;
        let bounds = HistoryBounds { changes_max, ..NO_BOUNDS };
        world.backend.trim_changes(&alice(), life, bounds).await.unwrap();
    })
}

/// Looks at the disk and reads the history several times, as a task.
fn reading(world: &World, retention: Retention) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move {
        for _ in 0..3 {
            assert_whole(&world.disk);
            read(&world, retention).await;
        }
    })
}

/// Whether something removes changes, or all of an account, beside a reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retention {
    Nothing,
    Removes,
}

/// Reads where alice stands and then her changes, which lead there without a hole.
async fn read(world: &World, retention: Retention) {
    let Some(position) = world.backend.positions(&[alice()]).await.unwrap()[0] else { return };
    if position.history_from == 0 {
        return;
    }
    let (from, until) = (position.history_from, position.revision.0 + 1);
    let range = ChangeRange { from: Revision(from), until: Revision(until), ..EVERYTHING };
    let changes = world.backend.changes(&alice(), position.life, &range).await.unwrap();
    let read = revisions(changes.iter().map(|change| &**change));
    let first = match (retention, read.first()) {
        (Retention::Nothing, _) => from,
        (Retention::Removes, Some(first)) => *first,
        (Retention::Removes, None) => until,
    };
    assert_eq!(read, (first..until).collect::<Vec<_>>(), "{position:?}");
}

/// That the changes which are stored for alice lead to her head without a hole; which they are.
fn assert_whole(disk: &Disk) -> Vec<u32> {
    let Some((head, changes)) = disk.history(&alice()) else { return Vec::new() };
    let mut kept = revisions(changes.iter());
    kept.retain(|revision| head.history_from > 0 && *revision >= head.history_from);
    let first = kept.first().copied().unwrap_or(head.revision + 1);
    assert_eq!(kept, (first..=head.revision).collect::<Vec<_>>(), "history from {}", head.history_from);
    kept
}

fn revisions<'c>(changes: impl Iterator<Item = &'c HistoryChange>) -> Vec<u32> {
    changes.map(|change| change.revision.0).collect()
}

/// Each change tells one mark, and all of them those that alice has.
fn assert_history_leads_to_the_marks(world: &World) {
    let (_, changes) = world.disk.history(&alice()).unwrap();
    let mut marks = 0;
    for change in changes {
        let [Event::MarkChanged { old_standard, standard, .. }] = &change.events[..] else { panic!("{change:?}") };
        assert_eq!(old_standard.0, marks, "another change came between");
        marks = standard.0;
    }
    let (_, state) = world.disk.account(&alice());
    assert_eq!(marks, bits(&state));
}
