//! Callers that change one account at once, on a disk that works.

use pinfold_store::embedded::Settings;
use shuttle::future::spawn;

use crate::runner::in_every_schedule;
use crate::world::{World, alice, bits};

#[test]
fn changes_that_take_turns_are_all_durable_and_never_seen_before() {
    in_every_schedule(&Settings::default(), async |world| marks_of_two(world.clone(), world).await);
}

#[test]
fn changes_that_race_are_all_durable_and_never_seen_before() {
    in_every_schedule(&Settings::default(), async |world| marks_of_two(world.without_turns(), world).await);
}

/// With hardly any cache each read goes to the disk, beside commits that are published.
#[test]
fn without_a_cache_changes_are_all_durable_and_never_seen_before() {
    let settings = Settings { cache_bytes_max: 1, ..Settings::default() };
    in_every_schedule(&settings, async |world| marks_of_two(world.without_turns(), world).await);
}

async fn marks_of_two(other: World, world: World) {
    let tasks = [world.marking(&[1, 2]), other.marking(&[4, 8])];
    let watching = world.watching();
    for task in tasks {
        task.await.unwrap();
    }
    watching.await.unwrap();
    let (_, state) = world.disk.account(&alice());
    assert_eq!((bits(&state), state.head.last_change.0), (0b1111, 4), "an update was lost");
    world.assert_at_rest().await;
}

#[test]
fn an_account_that_is_deleted_amid_changes_is_whole_or_new() {
    in_every_schedule(&Settings::default(), async |world| {
        world.mark(1).await.unwrap();
        let (deleting, marking, reading) = (world.clone(), world.without_turns(), world.clone());
        let deleting = spawn(async move { deleting.change(|draft| draft.delete()).await.unwrap() });
        let marking = spawn(async move { marking.set(2).await.unwrap() });
        let reading = spawn(async move { reading.load().await.unwrap() });
        let read = reading.await.unwrap();
        assert!([0, 1, 2, 3].contains(&read), "{read:#b}");
        deleting.await.unwrap();
        marking.await.unwrap();
        let (_, state) = world.disk.account(&alice());
        assert!([0, 2].contains(&bits(&state)), "a mark came back from before the deletion");
        world.assert_at_rest().await;
    });
}

/// Few threads, so that the scheduler often holds up the reader for a whole commit.
#[test]
fn a_slow_reader_does_not_put_an_older_state_into_the_cache() {
    in_every_schedule(&Settings::default(), async |world| {
        let reading = world.clone();
        let reading = spawn(async move { reading.load().await.unwrap() });
        world.mark(1).await.unwrap();
        reading.await.unwrap();
        world.assert_at_rest().await;
    });
}
