//! What makes a release. `packaging/release` itself takes three builds, so no test runs it.

use std::fs;
use std::process::Command;

use crate::{path, read};

#[test]
fn a_binary_that_was_not_trained_fails_the_check_of_a_release() {
    let directory = tempfile::tempdir().unwrap();
    let profile = directory.path().join("profile");
    fs::write(&profile, "a profile").unwrap();
    let mut check = Command::new(path("packaging/check-trained"));
    let refused = check.arg(env!("CARGO_BIN_EXE_pinfold")).arg(&profile).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    let sha256 = "4913b3ed7ccad0513efe87ff54c719305f11f29c1203124041a2aeaf30c14494";
    assert!(said.contains(&format!("\"trained: yes, profile {sha256}\"")), "{said}");
}

#[test]
fn the_version_tells_a_profile_only_where_the_compiler_is_given_it() {
    let script = read("packaging/build-trained");
    let builds: Vec<_> = script.lines().filter(|line| line.contains("PINFOLD_PROFILE=")).collect();
    let build = r#"PINFOLD_PROFILE=$sha256 RUSTFLAGS="-C profile-use=$profile" packaging/build-static "$root""#;
    assert_eq!(builds, [build]);
}

#[test]
fn a_release_is_checked_after_it_is_built_and_before_it_is_packed() {
    let script = read("packaging/release");
    let place = |command| script.find(&format!("\n{command} ")).unwrap();
    let built = place("packaging/build-trained");
    assert!(built < place("packaging/check-trained") && place("packaging/check-trained") < place("tar"));
}
