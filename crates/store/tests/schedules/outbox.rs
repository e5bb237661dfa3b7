//! What waits to be sent amid commits, removals, trims, sweeps and a deletion: at every moment each unsent change of the
//! account has its content, and each change is read by the one who sends, in order, until its removal.

use std::collections::BTreeMap;

use pinfold_core::{Draft, Origin, TimeMs, Via, WebhookCommands};
use pinfold_store::embedded::Settings;
use pinfold_store::{History, HistoryBounds, Outbox, PageBounds, Scope, SentChange, Shares, StoreError, UpdateError};
use shuttle::future::{JoinHandle, spawn};

use crate::runner::in_every_schedule;
use crate::support::{NOW, one};
use crate::world::{World, alice, assert_expected};

const NO_BOUNDS: HistoryBounds =
    HistoryBounds { not_before: TimeMs(0), changes_max: usize::MAX, bytes_max: usize::MAX };
/// Pages that one who sends reads at most.
const PAGES_MAX: usize = 20;

#[test]
fn what_waits_has_its_content_amid_commits_trims_and_removals() {
    in_every_schedule(&Settings::default(), async |world| {
        change(&world, 1).await.unwrap();
        let (marking, other) = (marking(&world, &[2, 4]), marking(&world.without_turns(), &[8]));
        let (trimming, sending, looking) = (trimming(&world), sending(&world, 3), looking(&world));
        assert_eq!([marking.await.unwrap(), other.await.unwrap()], [2, 1]);
        trimming.await.unwrap();
        looking.await.unwrap();
        let mut sent = sending.await.unwrap();
        assert_whole(&world);
        sent.extend(send(&world, PAGES_MAX).await);
        assert_eq!(sent, [1, 2, 3, 4], "each is sent once, in order");
        assert_eq!(world.disk.unsent(&alice()), []);
        world.assert_at_rest().await;
    });
}

#[test]
fn a_trim_that_goes_on_when_a_change_is_sent_removes_none_that_waits() {
    in_every_schedule(&Settings::default(), async |world| {
        for bit in [1, 2] {
            change(&world, bit).await.unwrap();
        }
        let tasks = [trimming(&world), trimming(&world), looking(&world)];
        let (marking, sending) = (marking(&world, &[4]), sending(&world, 1));
        for task in tasks {
            task.await.unwrap();
        }
        marking.await.unwrap();
        let mut sent = sending.await.unwrap();
        assert_whole(&world);
        sent.extend(send(&world, PAGES_MAX).await);
        assert_eq!(sent, [1, 2, 3]);
        trim(&world).await;
        let (_, kept) = world.disk.history(&alice()).unwrap();
        assert_eq!(kept.len(), 1, "all that was sent may go");
    });
}

/// What a trim looks at first says nothing of changes that come afterwards.
#[test]
fn a_trim_that_begins_when_nothing_waits_removes_none_of_the_changes_that_come() {
    in_every_schedule(&Settings::default(), async |world| {
        change(&world, 1).await.unwrap();
        assert_eq!(send(&world, 1).await, [1]);
        let (trimming, marking) = (trimming(&world), marking(&world, &[2, 4]));
        trimming.await.unwrap();
        marking.await.unwrap();
        assert_eq!(assert_whole(&world), [2, 3]);
        world.assert_at_rest().await;
    });
}

#[test]
fn a_sweep_of_what_is_too_old_gives_up_a_change_before_its_content_goes() {
    in_every_schedule(&Settings::default(), async |world| {
        for bit in [1, 2] {
            change(&world, bit).await.unwrap();
        }
        let (sweeping, others) = (sweeping(&world), sweeping(&world));
        let (marking, looking) = (marking(&world, &[4]), looking(&world));
        sweeping.await.unwrap();
        others.await.unwrap();
        marking.await.unwrap();
        looking.await.unwrap();
        assert_whole(&world);
        world.assert_at_rest().await;
    });
}

#[test]
fn an_account_that_is_deleted_amid_changes_and_sending_leaves_nothing_to_be_sent() {
    in_every_schedule(&Settings::default(), async |world| {
        change(&world, 1).await.unwrap();
        let deleting = world.clone();
        let deleting = spawn(async move { deleting.change(|draft| draft.delete()).await.unwrap() });
        let marking = marking(&world.without_turns(), &[2, 4]);
        let (sending, looking, sweeping) = (sending(&world, 2), looking(&world), sweeping_ended(&world));
        deleting.await.unwrap();
        assert_eq!(marking.await.unwrap(), 2);
        looking.await.unwrap();
        sweeping.await.unwrap();
        sending.await.unwrap();
        assert_whole(&world);
        sweep_ended(&world).await;
        assert_eq!(world.disk.unsent(&alice()).len(), world.disk.unsent_rows(), "an ended life has left some");
        send(&world, PAGES_MAX).await;
        assert_eq!(world.disk.unsent_rows(), 0);
        world.assert_at_rest().await;
    });
}

#[test]
fn on_a_failing_disk_every_change_that_was_acknowledged_waits_until_it_is_removed() {
    in_every_schedule(&Settings::default(), async |world| {
        world.disk.fail_after(2);
        let tasks = [marking(&world, &[1, 2]), marking(&world.without_turns(), &[4, 8])];
        let looking = looking(&world);
        let mut acknowledged = 0;
        for task in tasks {
            acknowledged += task.await.unwrap();
        }
        looking.await.unwrap();
        assert_eq!(assert_whole(&world), (1..=acknowledged).collect::<Vec<_>>());
        world.assert_at_rest().await;
    });
}

/// Sets a mark of alice, to be sent.
async fn change(world: &World, bit: u64) -> Result<(), StoreError> {
    let origin = Origin { caller: None, via: Via::Call, command: "mark_contact".into() };
    let rule = |draft: &mut Draft<'_>| {
        let mut arrangement = draft.arrangement(&one("bob")).clone();
        arrangement.standard.0 |= bit;
        draft.arrange(&one("bob"), arrangement);
        Ok(())
    };
    let acting = world.store.acting(&origin, true).sending(WebhookCommands::ALL);
    match acting.update(&alice(), &Scope::All, &[], NOW, rule).await {
        Ok(_) => Ok(()),
        Err(UpdateError::Store(error)) => Err(error),
        Err(UpdateError::Refused(refusal)) => panic!("{refusal}"),
    }
}

/// Sets these marks of alice one after the other, as a task. Returns how many were acknowledged.
fn marking(world: &World, marks: &'static [u64]) -> JoinHandle<u32> {
    let world = world.clone();
    spawn(async move {
        let mut acknowledged = 0;
        for bit in marks {
            match change(&world, *bit).await {
                Ok(()) => acknowledged += 1,
                Err(error) => assert_expected(&error),
            }
        }
        acknowledged
    })
}

/// Removes all changes of alice but the newest, as far as they were sent.
async fn trim(world: &World) -> u64 {
    let life = world.backend.positions(&[alice()]).await.unwrap()[0].unwrap().life;
    let bounds = HistoryBounds { changes_max: 1, ..NO_BOUNDS };
    world.backend.trim_changes(&alice(), life, bounds).await.unwrap()
}

fn trimming(world: &World) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move {
        for _ in 0..2 {
            trim(&world).await;
        }
    })
}

/// Gives up all that waits, and removes the history up to what waits then.
fn sweeping(world: &World) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move {
        let bounds = HistoryBounds { not_before: TimeMs(u64::MAX), ..NO_BOUNDS };
        let (app, later) = (alice().app, TimeMs(u64::MAX));
        world.backend.sweep_changes(None, 100, &BTreeMap::from([(app, bounds)])).await.unwrap();
        world.backend.sweep_unsent(None, 100, &BTreeMap::from([(app, later)])).await.unwrap();
    })
}

async fn sweep_ended(world: &World) {
    world.backend.sweep_changes(None, 100, &BTreeMap::new()).await.unwrap();
    world.backend.sweep_unsent(None, 100, &BTreeMap::new()).await.unwrap();
}

fn sweeping_ended(world: &World) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move { sweep_ended(&world).await })
}

/// Reads at most so many pages of what waits and removes it. Returns the revisions in the order in which they were read.
async fn send(world: &World, pages: usize) -> Vec<u32> {
    let mut sent = Vec::new();
    for _ in 0..pages {
        let waiting = world.backend.waiting(alice().app, Shares::ALL, None, 9).await.unwrap();
        let page = PageBounds { count_max: 2, bytes_max: usize::MAX };
        let page = world.backend.unsent(&alice(), None, page).await.unwrap();
        let Some(life) = page.life else { continue };
        for unsent in &page.changes {
            let change = unsent.change.as_ref().expect("what waits has its content");
            assert_eq!(change.revision, unsent.revision);
        }
        let of_page = || page.changes.iter().map(|unsent| unsent.revision);
        if let [waiting] = &waiting.accounts[..]
            && waiting.life == life
        {
            assert!(of_page().next().is_some_and(|first| first >= waiting.first), "{waiting:?}");
        }
        let removed: Vec<_> = of_page().map(|revision| SentChange { account: alice(), life, revision }).collect();
        world.backend.remove_sent(&removed).await.unwrap();
        sent.extend(of_page().map(|revision| revision.0));
    }
    sent
}

fn sending(world: &World, pages: usize) -> JoinHandle<Vec<u32>> {
    let world = world.clone();
    spawn(async move { send(&world, pages).await })
}

/// Looks at the disk several times, as a task.
fn looking(world: &World) -> JoinHandle<()> {
    let world = world.clone();
    spawn(async move {
        for _ in 0..4 {
            assert_whole(&world);
            shuttle::future::yield_now().await;
        }
    })
}

/// That each unsent change of alice has its content, as a restart would find it; which they are.
fn assert_whole(world: &World) -> Vec<u32> {
    let unsent = world.disk.unsent(&alice());
    assert!(unsent.iter().all(|(_, has_content)| *has_content), "{unsent:?}");
    unsent.into_iter().map(|(revision, _)| revision.0).collect()
}
