//! Directories that are not opened. None of them is changed, and above all none is taken for an empty store.

use std::fs;

use pinfold_store::embedded::{OpenError, check_files};

use super::support::files::{all_below, copy_directory};
use super::{closed_store, is_intact, open, refusal};

#[tokio::test]
async fn a_mark_of_a_clean_shutdown_with_another_number_shows_a_loss() {
    let place = tempfile::tempdir().unwrap();
    closed_store(place.path()).await;
    let clean = place.path().join("clean");
    for wrong in ["4\n", "2\n", "not a number\n", ""] {
        fs::write(&clean, wrong).unwrap();
        let refusal = refusal(place.path());
        let expected = if wrong.len() == 2 { "is damaged" } else { "does not hold a commit number" };
        assert!(refusal.to_string().contains(expected), "{refusal}");
        assert_eq!(fs::read_to_string(&clean).unwrap(), wrong, "the mark stays as it was");
    }
    fs::write(&clean, "3\n").unwrap();
    assert!(is_intact(place.path()).await);
}

#[tokio::test]
async fn a_store_of_a_newer_build_is_refused_and_stays_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    closed_store(place.path()).await;
    fs::write(place.path().join("format"), "pinfold 3\n").unwrap();
    assert!(matches!(refusal(place.path()), OpenError::TooNew { found: 3, known: 2, .. }));
    fs::write(place.path().join("format"), "pinfold 2\n").unwrap();
    assert!(is_intact(place.path()).await);
}

#[tokio::test]
async fn a_directory_with_files_of_another_program_is_refused_and_left_alone() {
    for file in ["thesis.txt", "format", "data.new/thesis.txt"] {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("data.new")).unwrap();
        fs::write(place.path().join("other"), "other").unwrap();
        fs::write(place.path().join(file), "years of work").unwrap();
        assert!(matches!(refusal(place.path()), OpenError::NotAStore(_)), "{file}");
        assert_eq!(fs::read_to_string(place.path().join(file)).unwrap(), "years of work");
        assert!(place.path().join("other").exists() && place.path().join("data.new").exists(), "{file}");
    }
}

#[tokio::test]
async fn a_format_file_that_is_missing_or_says_something_else_is_refused() {
    let place = tempfile::tempdir().unwrap();
    closed_store(place.path()).await;
    for content in [None, Some(""), Some("1\n"), Some("pinfold one\n"), Some("somebody else's format")] {
        fs::remove_file(place.path().join("format")).unwrap();
        if let Some(content) = content {
            fs::write(place.path().join("format"), content).unwrap();
        }
        assert!(matches!(refusal(place.path()), OpenError::NotAStore(_)), "{content:?}");
        fs::write(place.path().join("format"), "pinfold 2\n").unwrap();
    }
    assert!(is_intact(place.path()).await);
}

/// With and without the mark of a clean shutdown.
#[tokio::test]
async fn a_store_whose_data_is_gone_is_refused_and_not_created_anew() {
    for clean in [true, false] {
        let place = tempfile::tempdir().unwrap();
        closed_store(place.path()).await;
        if !clean {
            fs::remove_file(place.path().join("clean")).unwrap();
        }
        fs::rename(place.path().join("data"), place.path().with_extension("away")).unwrap();
        assert!(open(place.path()).is_err(), "clean: {clean}");
        assert!(!place.path().join("data").exists());
        fs::rename(place.path().with_extension("away"), place.path().join("data")).unwrap();
        assert!(is_intact(place.path()).await);
    }
}

#[tokio::test]
async fn an_emptied_data_directory_is_refused_every_time() {
    for clean in [true, false] {
        let place = tempfile::tempdir().unwrap();
        closed_store(place.path()).await;
        if !clean {
            fs::remove_file(place.path().join("clean")).unwrap();
        }
        fs::remove_dir_all(place.path().join("data")).unwrap();
        fs::create_dir(place.path().join("data")).unwrap();
        for attempt in 1..=2 {
            assert!(matches!(refusal(place.path()), OpenError::Damaged { .. }), "clean: {clean}, {attempt}");
        }
        let database = fjall::Database::builder(place.path().join("data")).open().unwrap();
        assert!(!database.keyspace_exists("rows"), "it was created anew");
    }
}

/// After a kill, where nothing but the files themselves says how many commits there were.
#[tokio::test]
async fn a_journal_that_was_replaced_by_an_older_one_is_refused_where_tables_hold_more() {
    let place = tempfile::tempdir().unwrap();
    let journal = place.path().join("data/0.jnl");
    closed_store(place.path()).await;
    let older = fs::read(&journal).unwrap();
    closed_store(place.path()).await;
    super::flipped_bytes::write_tables(place.path());
    for unneeded in ["clean", "acknowledged"] {
        let _ = fs::remove_file(place.path().join(unneeded));
    }
    let newer = fs::read(&journal).unwrap();
    fs::write(&journal, older).unwrap();
    let refusal = refusal(place.path()).to_string();
    assert!(refusal.contains("its tables hold commit 6, but its newest journal ends with commit 3"), "{refusal}");
    fs::write(&journal, newer).unwrap();
    assert!(is_intact(place.path()).await);
}

/// Power was cut during the first commit after a change of journals. The older ones are gone, as tables have all of theirs.
#[tokio::test]
async fn a_torn_commit_without_a_number_is_refused_only_where_the_tables_lack_an_acknowledged_one() {
    let place = tempfile::tempdir().unwrap();
    closed_store(place.path()).await;
    super::flipped_bytes::write_tables(place.path());
    fs::remove_file(place.path().join("clean")).unwrap();
    fs::remove_file(place.path().join("data/0.jnl")).unwrap();
    let newest = place.path().join("data/1.jnl");
    let torn = [vec![0; 512], vec![7; 200]].concat();
    fs::write(&newest, &torn).unwrap();
    for attempt in ["first", "second"] {
        fs::write(place.path().join("acknowledged"), format!("{:020}\n", 4)).unwrap();
        let refusal = refusal(place.path()).to_string();
        assert!(
            refusal.contains("commit 4 had been acknowledged, but the last one found is 3"),
            "{attempt}: {refusal}"
        );
        assert_eq!(fs::read(&newest).unwrap()[..torn.len()], torn, "{attempt}: it is put back");
    }
    check_files(place.path(), |_, _| ()).unwrap();
    assert_eq!(fs::read(&newest).unwrap()[..torn.len()], torn, "nothing is cut by a check");
    fs::write(place.path().join("acknowledged"), format!("{:020}\n", 3)).unwrap();
    assert!(is_intact(place.path()).await);
}

/// Whatever is taken out of the engine's directory: the store is refused, or all of it is there.
#[tokio::test]
async fn no_missing_file_of_the_engine_makes_acknowledged_data_vanish() {
    let original = tempfile::tempdir().unwrap();
    closed_store(original.path()).await;
    let mut refused = 0;
    for missing in all_below(&original.path().join("data")) {
        for clean in [true, false] {
            let place = tempfile::tempdir().unwrap();
            copy_directory(original.path(), place.path());
            let victim = place.path().join(missing.strip_prefix(original.path()).unwrap());
            if victim.is_dir() { fs::remove_dir_all(&victim) } else { fs::remove_file(&victim) }.unwrap();
            if !clean {
                fs::remove_file(place.path().join("clean")).unwrap();
            }
            let opened = open(place.path()).is_ok();
            assert!(!opened || is_intact(place.path()).await, "without {missing:?}, clean: {clean}");
            refused += usize::from(!opened);
        }
    }
    assert!(refused > 0);
}
