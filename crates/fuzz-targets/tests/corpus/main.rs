//! Every seed, through its target; no fuzzer is needed for that.

#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod generated;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pinfold_fuzz_targets::seeds::{self, Seeds};
use pinfold_fuzz_targets::{TARGETS, Target, answered};
use pinfold_store::embedded::fuzzing::Value;
use pinfold_wire::commands::COMMANDS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The seeds of a target.
fn seeds_of(target: &str) -> Seeds {
    seeds::read(&seeds::archive(target)).unwrap()
}

/// How many of the seeds the target takes; a panic names the seed.
fn replay(target: Target, seeds: &Seeds) -> usize {
    let taken = |(name, bytes): (&String, &Vec<u8>)| {
        let ran = std::panic::catch_unwind(|| target(bytes));
        ran.unwrap_or_else(|_| panic!("{name} breaks a promise; the reason is above"))
    };
    seeds.iter().filter(|seed| taken(*seed)).count()
}

#[test]
fn every_seed_keeps_the_promises_of_its_target() {
    for (name, target) in TARGETS {
        let seeds = seeds_of(name);
        let taken = replay(target, &seeds);
        assert!(taken >= 5, "of {} seeds of {name} only {taken} are taken: they try nothing", seeds.len());
    }
}

#[test]
fn every_target_has_its_program_and_its_dictionary() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        let program = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("pinfold_fuzz_targets::{name}(data)")), "{program}");
        assert!(fuzz().join(format!("dictionaries/{name}.dict")).exists(), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

#[test]
fn the_dictionary_of_requests_begins_calls_of_every_command() {
    let dictionary = fs::read_to_string(fuzz().join("dictionaries/requests.dict")).unwrap();
    for command in COMMANDS {
        let beginning = format!(r#""\x0a\x0a{}\x0a""#, command.name);
        assert!(dictionary.contains(&beginning), "{beginning} is missing in fuzz/dictionaries/requests.dict");
    }
}

#[test]
fn the_seeds_reach_every_command_with_success_and_most_codes_of_the_handlers() {
    let answered: BTreeSet<_> = seeds_of("requests").values().flat_map(|seed| answered(seed)).collect();
    for (place, command) in COMMANDS.iter().enumerate() {
        assert!(answered.iter().any(|one| one.place == place && one.code == 0), "{} never succeeds", command.name);
    }
    let codes: BTreeSet<_> = answered.iter().map(|one| one.code).collect();
    let expected =
        [50001, 50002, 51006, 51009, 51010, 51011, 51012, 60003, 60015, 70402, 10004, 10010, 10015, 10021, 10025];
    let of_messages =
        [20003, 90001, 90002, 90003, 90005, 90006, 90007, 90008, 90010, 90012, 90026, 90031, 90044, 90048];
    for code in expected.into_iter().chain(of_messages) {
        assert!(codes.contains(&code), "no seed is answered {code}");
    }
}

#[test]
fn the_seeds_hold_a_value_of_every_kind() {
    let seeds = seeds_of("stored");
    let kinds = seeds.values().filter_map(|seed| {
        let (kind, value) = seed.split_first()?;
        let kind = kind.checked_sub(b'0').filter(|kind| *kind < Value::KINDS)?;
        Value::read(kind, value).ok().map(|_| kind)
    });
    let kinds: BTreeSet<u8> = kinds.collect();
    assert_eq!(kinds, (0..Value::KINDS).collect(), "`UPDATE_EXPECT=1 cargo test -p pinfold-fuzz-targets` writes them");
}
