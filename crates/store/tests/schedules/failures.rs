//! Callers of a store that fails, is full, or is closed amid their changes: each is answered, and what was acknowledged
//! is durable.

use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, StoreError};

use crate::runner::in_every_schedule;
use crate::world::{World, alice, bits};

#[test]
fn nothing_of_a_failed_batch_and_of_those_after_it_is_acknowledged_or_seen() {
    in_every_schedule(&Settings::default(), async |world| {
        world.disk.fail_after(1);
        marks_of_two(&world, world.clone()).await;
        assert!(matches!(world.mark(16).await, Err(StoreError::Poisoned(_))), "a failed store took a write");
        world.assert_at_rest().await;
    });
}

#[test]
fn changes_that_race_on_a_failing_disk_are_answered() {
    in_every_schedule(&Settings::default(), async |world| {
        world.disk.fail_after(1);
        marks_of_two(&world, world.without_turns()).await;
        world.assert_at_rest().await;
    });
}

#[test]
fn a_change_that_the_full_queue_rejects_leaves_nothing() {
    let settings = Settings { waiting_max: 1, ..Settings::default() };
    in_every_schedule(&settings, async |world| {
        marks_of_two(&world, world.without_turns()).await;
        world.assert_at_rest().await;
    });
}

#[test]
fn a_store_that_is_closed_amid_changes_answers_each() {
    in_every_schedule(&Settings::default(), async |world| {
        let tasks = [world.marking(&[1, 2]), world.without_turns().marking(&[4, 8])];
        world.backend.close().await.unwrap();
        assert_acknowledged(&world, tasks).await;
        assert_eq!(world.backend.in_flight_bytes(), 0);
    });
}

/// The disk has exactly what was acknowledged.
async fn marks_of_two(world: &World, other: World) {
    let watching = world.watching();
    assert_acknowledged(world, [world.marking(&[1, 2]), other.marking(&[4, 8])]).await;
    watching.await.unwrap();
}

async fn assert_acknowledged(world: &World, tasks: [shuttle::future::JoinHandle<u64>; 2]) {
    let mut acknowledged = 0;
    for task in tasks {
        acknowledged |= task.await.unwrap();
    }
    let (_, state) = world.disk.account(&alice());
    assert_eq!(bits(&state), acknowledged, "the disk has other marks than were acknowledged");
}
