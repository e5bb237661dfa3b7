//! Looks for a PostgreSQL server, so that tests that need one count as ignored where none is installed.

use std::path::Path;
use std::process::Command;

const DEBIAN: &str = "/usr/lib/postgresql";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(no_postgres)");
    println!("cargo::rustc-check-cfg=cfg(no_own_postgres)");
    // A path that is missing would make every build begin anew.
    if Path::new(DEBIAN).exists() {
        println!("cargo::rerun-if-changed={DEBIAN}");
    }
    for variable in ["PATH", "PINFOLD_REQUIRE_POSTGRES", "PINFOLD_TEST_POSTGRES"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let set = |variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    // Where one is required, the tests run and fail without it.
    if set("PINFOLD_REQUIRE_POSTGRES") || installed() {
        return;
    }
    let missing = "PostgreSQL is not installed (apt-get install postgresql)";
    println!("cargo::rustc-cfg=no_own_postgres");
    if set("PINFOLD_TEST_POSTGRES") {
        println!("cargo::warning={missing}: tests that stop or configure their server are ignored");
    } else {
        println!("cargo::rustc-cfg=no_postgres");
        println!("cargo::warning={missing}: tests that need it are ignored");
    }
}

fn installed() -> bool {
    let debian = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let of_config = Command::new("pg_config").arg("--bindir").output().ok();
    let of_config = of_config.and_then(|output| String::from_utf8(output.stdout).ok());
    debian.map(|version| version.path().join("bin")).any(|bin| bin.join("initdb").exists())
        || of_config.is_some_and(|bin| Path::new(bin.trim()).join("initdb").exists())
}
