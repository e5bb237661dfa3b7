//! What is generated in `docs/operate` is up to date. With `UPDATE_EXPECT=1` these tests write them.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use pinfold_server::config::{example_file, reference_table};
use pinfold_server::metrics_table;

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operate").join(name)
}

/// Expects this table in a page, between the comments that name it.
fn expect_table(name: &str, page: &Path, table: &str) {
    let (begin, end) = (format!("<!-- {name}: begin, generated -->\n"), format!("<!-- {name}: end -->\n"));
    let text = fs::read_to_string(page).unwrap();
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    expect_file![page].assert_eq(&format!("{before}{begin}\n{table}\n{end}{after}"));
}

#[test]
fn the_table_of_keys_is_the_generated_one() {
    expect_table("keys", &page("configure.md"), &reference_table());
}

#[test]
fn the_example_file_is_the_generated_one() {
    expect_file![page("pinfold.example.toml")].assert_eq(&example_file());
}

#[test]
fn the_table_of_metrics_is_the_generated_one() {
    expect_table("metrics", &page("monitor.md"), &metrics_table());
}
