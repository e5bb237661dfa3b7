//! Certificates that a user named: which are accepted. PostgreSQL's manual makes such ones ("Creating Certificates"):
//! `own.pem` by `openssl req -x509`, `version1.pem` and `nameless.pem` by the authority in `root.pem`.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;
use std::time::Duration;

use pinfold_trust::{Names, ServerTrust};
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};

/// In 2026.
const NOW: u64 = 1_780_000_000;
const BEFORE: u64 = 1_500_000_000;
const AFTER: u64 = 5_000_000_000;

fn read(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(format!("{}/tests/certificates/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn trust(named: &str, names: Names) -> ServerTrust {
    ServerTrust::new(&Arc::new(ring::default_provider()), RootCertStore::empty(), vec![read(named)], names).unwrap()
}

fn verify(trust: &ServerTrust, presented: &CertificateDer<'_>, host: &str, now: u64) -> Result<(), Error> {
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    let host = ServerName::try_from(host.to_owned()).unwrap();
    trust.verify_server_cert(presented, &[], &host, &[], now).map(|_| ())
}

/// Both: what verifies the name, and what does not.
fn both(named: &str, presented: &str, host: &str, now: u64) -> [bool; 2] {
    [Names::Verified, Names::Ignored].map(|names| verify(&trust(named, names), &read(presented), host, now).is_ok())
}

#[test]
fn a_certificate_that_is_named_is_accepted_from_the_server_itself() {
    for named in ["own.pem", "version1-own.pem"] {
        assert_eq!(both(named, named, "localhost", NOW), [true, true], "{named}");
    }
}

#[test]
fn an_authority_that_is_named_may_sign_version_1_and_certificates_without_alternative_names() {
    for presented in ["version1.pem", "nameless.pem"] {
        assert_eq!(both("root.pem", presented, "localhost", NOW), [true, true], "{presented}");
    }
}

#[test]
fn the_name_is_verified_where_it_is_to_be() {
    for (named, presented) in
        [("own.pem", "own.pem"), ("version1-own.pem", "version1-own.pem"), ("root.pem", "version1.pem")]
    {
        assert_eq!(both(named, presented, "db.example", NOW), [false, true], "{presented}");
    }
}

#[test]
fn a_certificate_is_refused_before_and_after_its_time() {
    for (named, presented) in [("own.pem", "own.pem"), ("root.pem", "version1.pem"), ("root.pem", "nameless.pem")] {
        for now in [BEFORE, AFTER] {
            assert_eq!(both(named, presented, "localhost", now), [false, false], "{presented} {now}");
        }
    }
}

#[test]
fn a_certificate_neither_named_nor_signed_by_a_named_one_is_refused() {
    for (named, presented) in [
        ("root.pem", "own.pem"),
        ("root.pem", "version1-own.pem"),
        ("own.pem", "version1.pem"),
        ("own.pem", "nameless.pem"),
        ("version1-own.pem", "own.pem"),
    ] {
        assert_eq!(both(named, presented, "localhost", NOW), [false, false], "{presented} by {named}");
    }
}

#[test]
fn a_certificate_of_version_1_that_was_changed_is_refused() {
    let mut changed = read("version1.pem").to_vec();
    let name = changed.windows(9).rposition(|window| window == b"localhost").unwrap();
    changed[name..name + 9].copy_from_slice(b"otherhost");
    let refused = verify(&trust("root.pem", Names::Ignored), &changed.into(), "otherhost", NOW);
    assert!(matches!(refused, Err(Error::InvalidCertificate(_))), "{refused:?}");
}

#[test]
fn a_named_certificate_that_is_for_clients_only_is_refused() {
    let refused = verify(&trust("for-clients.pem", Names::Verified), &read("for-clients.pem"), "localhost", NOW);
    assert!(matches!(refused, Err(Error::InvalidCertificate(CertificateError::InvalidPurpose))), "{refused:?}");
}

#[test]
fn authorities_of_the_system_are_held_to_what_browsers_take() {
    let mut system = RootCertStore::empty();
    for authority in ["root.pem", "own.pem"] {
        system.add(read(authority)).unwrap();
    }
    let trust = ServerTrust::new(&Arc::new(ring::default_provider()), system, Vec::new(), Names::Verified).unwrap();
    for presented in ["own.pem", "version1.pem", "nameless.pem"] {
        assert!(verify(&trust, &read(presented), "localhost", NOW).is_err(), "{presented}");
    }
}

#[test]
fn to_trust_nothing_at_all_is_refused() {
    let provider = Arc::new(ring::default_provider());
    assert!(ServerTrust::new(&provider, RootCertStore::empty(), Vec::new(), Names::Verified).is_err());
}
