//! Which crate of the workspace may import which, read from `cargo metadata`. Dev-dependencies are free: tests may use
//! what they like.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Each crate with the crates of the workspace it may import.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("fjall-guard", &[]),
    ("pinfold-core", &[]),
    ("pinfold-wire", &[]),
    ("pinfold-trust", &[]),
    ("pinfold-store", &["fjall-guard", "pinfold-core", "pinfold-trust"]),
    ("pinfold-client", &["pinfold-wire", "pinfold-trust"]),
    ("pinfold-server", &["pinfold-core", "pinfold-wire", "pinfold-store"]),
    ("pinfold", &["pinfold-core", "pinfold-wire", "pinfold-store", "pinfold-client", "pinfold-server"]),
    ("pinfold-bench", &["pinfold-wire"]),
    ("pinfold-fuzz-targets", &["pinfold-core", "pinfold-wire", "pinfold-store", "pinfold-server"]),
];

#[test]
fn a_crate_of_the_workspace_imports_only_those_it_may() {
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

/// What each crate of the workspace imports to be built, renamed or not, optional or not.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let built_with = dependencies.filter(|dependency| dependency["kind"] != "dev");
            (text(&package["name"]), built_with.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}
