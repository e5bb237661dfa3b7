//! Which crate of ours may import which, read from `cargo metadata`. Dev-dependencies are free: tests may use what they
//! like.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The workspaces of this repository.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "bench/Cargo.toml", "fuzz/Cargo.toml"];

/// Each crate with the crates of ours it may import.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("fjall-guard", &[]),
    ("pinfold-core", &[]),
    ("pinfold-wire", &[]),
    ("pinfold-trust", &[]),
    ("pinfold-store", &["fjall-guard", "pinfold-core", "pinfold-trust"]),
    ("pinfold-client", &["pinfold-wire", "pinfold-trust"]),
    ("pinfold-server", &["pinfold-core", "pinfold-wire", "pinfold-store", "pinfold-trust"]),
    ("pinfold", &["pinfold-core", "pinfold-wire", "pinfold-store", "pinfold-client", "pinfold-server"]),
    ("pinfold-bench", &["pinfold-wire"]),
    ("pinfold-fuzz-targets", &["pinfold-core", "pinfold-wire", "pinfold-store", "pinfold-server"]),
    ("pinfold-fuzz", &["pinfold-fuzz-targets"]),
];

#[test]
fn a_crate_of_ours_imports_only_those_it_may() {
    let imports = imports();
    let ours: BTreeSet<_> = imports.keys().cloned().collect();
    for (name, imported) in &imports {
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(other, _)| other == name)
            .unwrap_or_else(|| panic!("say in this test what {name} may import"));
        let forbidden: Vec<_> =
            imported.intersection(&ours).filter(|import| !allowed.contains(&import.as_str())).collect();
        assert!(forbidden.is_empty(), "{name} may not import {forbidden:?}");
    }
}

#[test]
fn every_crate_that_the_rules_name_exists() {
    let imports = imports();
    for (name, allowed) in ALLOWED {
        for name in allowed.iter().chain([&name]) {
            assert!(imports.contains_key(*name), "there is no crate {name}");
        }
    }
}

#[test]
fn the_core_has_neither_input_nor_output() {
    // No serialisation, no async, no clock of another crate.
    assert_eq!(imports()["pinfold-core"], BTreeSet::from(["smol_str".to_owned()]), "a string type, and nothing else");
}

#[test]
fn the_bench_is_held_to_the_lints_of_the_product_and_built_as_the_product_is() {
    let manifest = |name| -> toml::Table { fs::read_to_string(path(name)).unwrap().parse().unwrap() };
    let (product, bench) = (manifest("Cargo.toml"), manifest("bench/Cargo.toml"));
    assert_eq!(bench["lints"], product["workspace"]["lints"]);
    assert_eq!(bench["profile"]["release"], product["profile"]["release"]);
}

#[test]
fn only_the_fuzz_targets_are_built_with_the_hooks_for_fuzzing() {
    let has_hooks = |selected: &[&str]| {
        let tree = ["tree", "--locked", "--edges", "normal,build,features", "--prefix", "none"];
        let tree = cargo(&[&tree, selected].concat());
        assert!(tree.contains("pinfold-server feature"), "{tree}");
        tree.contains("feature \"fuzzing\"")
    };
    assert!(has_hooks(&["--package", "pinfold-fuzz-targets"]), "this test no longer finds the feature");
    assert!(!has_hooks(&["--package", "pinfold", "--all-features"]), "as `cargo install` builds it");
    assert!(!has_hooks(&[]), "as `cargo build` builds it");
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// What each crate of ours imports to be built, renamed or not, optional or not.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = MANIFESTS.iter().flat_map(|manifest| packages(manifest));
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let built_with = dependencies.filter(|dependency| dependency["kind"] != "dev");
            (text(&package["name"]), built_with.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

/// The packages of a workspace.
fn packages(manifest: &str) -> Vec<Value> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--manifest-path", manifest]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// What a command of cargo prints at the root of the repository.
fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(arguments).arg("--offline").current_dir(path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
