//! Creating a store, and the mark of a clean shutdown.

use std::fs::{self, File};
use std::thread;
use std::time::Duration;

use pinfold_store::Backend;

use super::{closed_store, is_intact, open, refusal};
use crate::support::{account, mark, one};

#[tokio::test]
async fn a_store_is_created_in_a_missing_and_in_an_empty_directory() {
    let parent = tempfile::tempdir().unwrap();
    closed_store(&parent.path().join("missing/and/deep")).await;
    assert!(is_intact(&parent.path().join("missing/and/deep")).await);
    fs::create_dir(parent.path().join("empty")).unwrap();
    closed_store(&parent.path().join("empty")).await;
    assert!(is_intact(&parent.path().join("empty")).await);
}

#[tokio::test]
async fn a_close_leaves_the_number_of_the_last_commit_and_an_open_takes_it_away() {
    let place = tempfile::tempdir().unwrap();
    let clean = place.path().join("clean");
    closed_store(place.path()).await;
    assert_eq!(fs::read_to_string(&clean).unwrap(), "3\n");
    let backend = open(place.path()).unwrap();
    assert!(!clean.exists());
    mark(&backend, &account(1, "carol"), &one("bob"), 1).await;
    backend.close().await.unwrap();
    assert_eq!(fs::read_to_string(&clean).unwrap(), "4\n");
}

#[tokio::test]
async fn a_store_that_was_dropped_without_a_close_is_whole_but_not_marked_clean() {
    let place = tempfile::tempdir().unwrap();
    let backend = open(place.path()).unwrap();
    mark(&backend, &account(1, "alice"), &one("bob"), 3).await;
    drop(backend);
    assert!(!place.path().join("clean").exists());
    assert!(is_intact(place.path()).await);
}

/// All states that a creation can be cut short in, the last one before the store counts as created.
#[tokio::test]
async fn a_creation_that_was_cut_short_is_begun_anew() {
    for (with_format, with_content) in [(false, false), (false, true), (true, true)] {
        let place = tempfile::tempdir().unwrap();
        if with_format {
            fs::write(place.path().join("format"), "pinfold 2\n").unwrap();
        }
        let unfinished = place.path().join("data.new");
        fs::create_dir(&unfinished).unwrap();
        if with_content {
            fs::write(unfinished.join("0.jnl"), "half a journal").unwrap();
        }
        closed_store(place.path()).await;
        assert!(is_intact(place.path()).await && !unfinished.exists());
    }
}

#[tokio::test]
async fn half_a_file_of_the_format_is_no_obstacle_to_a_creation() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("data.new")).unwrap();
    fs::write(place.path().join("format.new"), "pinf").unwrap();
    closed_store(place.path()).await;
    assert!(is_intact(place.path()).await);
}

#[tokio::test]
async fn a_second_open_is_refused_until_the_first_ends_and_harms_nothing() {
    let place = tempfile::tempdir().unwrap();
    let first = open(place.path()).unwrap();
    mark(&first, &account(1, "alice"), &one("bob"), 2).await;
    let sentence = refusal(place.path()).to_string();
    assert!(sentence.contains("is in use by another process") && sentence.contains(place.path().to_str().unwrap()));
    mark(&first, &account(1, "alice"), &one("bob"), 3).await;
    first.close().await.unwrap();
    drop(first);
    assert!(is_intact(place.path()).await);
}

#[tokio::test]
async fn a_store_that_another_process_lets_go_of_in_a_moment_is_waited_for() {
    let place = tempfile::tempdir().unwrap();
    closed_store(place.path()).await;
    let lock = File::open(place.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let other = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        drop(lock);
    });
    assert!(is_intact(place.path()).await);
    other.join().unwrap();
}
