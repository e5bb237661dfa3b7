//! The format of a directory: an older one is read, and becomes the present one when the store is opened to be written.

use std::fs;
use std::path::Path;

use pinfold_store::embedded::Settings;
use pinfold_store::{Backend, Embedded};

use super::{closed_store, is_intact, open};

fn format(directory: &Path) -> String {
    fs::read_to_string(directory.join("format")).unwrap()
}

/// A closed store whose directory says that it has format 1.
async fn store_of_format_1(directory: &Path) {
    closed_store(directory).await;
    fs::write(directory.join("format"), "pinfold 1\n").unwrap();
}

#[tokio::test]
async fn a_store_of_format_1_has_format_2_once_it_was_opened() {
    let place = tempfile::tempdir().unwrap();
    store_of_format_1(place.path()).await;
    let backend = open(place.path()).unwrap();
    assert_eq!(format(place.path()), "pinfold 2\n");
    backend.close().await.unwrap();
    assert!(is_intact(place.path()).await);
}

#[tokio::test]
async fn a_store_of_format_1_keeps_it_where_it_is_only_read() {
    let place = tempfile::tempdir().unwrap();
    store_of_format_1(place.path()).await;
    let backend = Embedded::open(place.path(), &Settings { keep_format: true, ..Settings::default() }).unwrap();
    backend.close().await.unwrap();
    assert_eq!(pinfold_store::embedded::check_files(place.path(), |_, _| ()).unwrap(), []);
    assert_eq!(format(place.path()), "pinfold 1\n");
    assert!(is_intact(place.path()).await);
}

#[tokio::test]
async fn a_store_of_format_1_that_is_refused_keeps_it() {
    let place = tempfile::tempdir().unwrap();
    store_of_format_1(place.path()).await;
    fs::write(place.path().join("clean"), "4\n").unwrap();
    assert!(open(place.path()).is_err(), "another commit was the last one");
    assert_eq!(format(place.path()), "pinfold 1\n");
}
