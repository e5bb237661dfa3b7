//! Dates of certificates, and the warnings about them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;

const DAY_S: u64 = 24 * 60 * 60;
/// Midnight of 2030-01-01, when the certificates of these tests begin.
const BEGIN: u64 = 1_893_456_000;
/// Midnight of 2030-12-31, when they end.
const END: u64 = BEGIN + 364 * DAY_S;

/// A pair in a directory, changed before it is signed.
fn pair(change: impl FnOnce(&mut CertificateParams)) -> (TempDir, Result<Pair, TlsError>) {
    let place = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2030, 1, 1), date_time_ymd(2030, 12, 31));
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let [cert_file, key_file] = ["cert.pem", "key.pem"].map(|name| place.path().join(name));
    std::fs::write(&cert_file, params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    make_private(&key_file);
    let pair = Pair::read(&TlsConfig { cert_file, key_file, client_ca_file: None });
    (place, pair)
}

#[cfg(unix)]
fn make_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &std::path::Path) {}

/// The sentences at a time, with `DIR` for the directory.
fn sentences(place: &TempDir, pair: &Pair, now: u64) -> Vec<String> {
    let directory = place.path().to_str().unwrap();
    pair.warnings(now).iter().map(|warning| warning.to_string().replace(directory, "DIR")).collect()
}

#[test]
fn the_dates_of_a_certificate_are_told_when_they_matter() {
    let (place, pair) = pair(|_| ());
    let pair = pair.unwrap();
    assert_eq!(pair.not_after(), END);
    let soon = |days| format!("tls: the certificate in DIR/cert.pem ends in {days} days, at 2030-12-31T00:00:00Z");
    for (now, sentence) in [
        (
            BEGIN - 1,
            Some(
                "tls: the certificate in DIR/cert.pem begins at 2030-01-01T00:00:00Z, so callers refuse it until then",
            ),
        ),
        (BEGIN, None),
        (END - 30 * DAY_S, None),
        (END - 30 * DAY_S + 1, Some(&*soon(29))),
        (END, Some(&*soon(0))),
        (END + 1, Some("tls: the certificate in DIR/cert.pem ended at 2030-12-31T00:00:00Z, so callers refuse it")),
    ] {
        assert_eq!(sentences(&place, &pair, now), Vec::from_iter(sentence), "{now}");
    }
}

#[test]
fn a_certificate_for_clients_only_is_refused_and_one_for_both_is_not() {
    use ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
    for purposes in [vec![], vec![ServerAuth], vec![ClientAuth, ServerAuth], vec![Any]] {
        assert!(pair(|params| params.extended_key_usages.clone_from(&purposes)).1.is_ok(), "{purposes:?}");
    }
    let (place, refused) = pair(|params| params.extended_key_usages = vec![ClientAuth]);
    let sentence = refused.err().unwrap().to_string().replace(place.path().to_str().unwrap(), "DIR");
    assert_eq!(
        sentence,
        "tls: the first certificate in DIR/cert.pem is not for servers (no serverAuth in its extended key usage)"
    );
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_can_read_is_told_and_one_for_a_group_is_not() {
    use std::os::unix::fs::PermissionsExt as _;

    let (place, pair) = pair(|_| ());
    let pair = pair.unwrap();
    let key_file = place.path().join("key.pem");
    let sentences = |mode| {
        std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(mode)).unwrap();
        sentences(&place, &pair, BEGIN)
    };
    assert_eq!(sentences(0o640), [""; 0]);
    assert_eq!(
        sentences(0o644),
        ["tls: the private key in DIR/key.pem can be read by every user of this machine (chmod o= DIR/key.pem)"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_end_that_comes_near_is_told_every_day_and_no_more_after_a_renewal() {
    let now = Arc::new(AtomicU64::new(END - 40 * DAY_S));
    let reads = Arc::clone(&now);
    let (_place, soon) = pair(|_| ());
    let (_other, renewed) = pair(|params| params.not_after = date_time_ymd(2031, 12, 31));
    let tls = Tls::new(soon.unwrap(), Clock::of_ms(move || reads.load(Ordering::Relaxed) * 1000));
    let warnings = Mutex::new(Vec::new());
    let days = async |count: u32| {
        for _ in 0..count {
            now.fetch_add(DAY_S, Ordering::Relaxed);
            tokio::time::sleep(CHECK_EVERY).await;
        }
    };
    let observed = async {
        // Half a day off the moments at which it looks.
        tokio::time::sleep(CHECK_EVERY / 2).await;
        days(10).await;
        assert_eq!(warnings.lock().unwrap().len(), 0);
        days(3).await;
        assert_eq!(warnings.lock().unwrap().len(), 3);
        tls.exchange(renewed.unwrap());
        days(3).await;
        assert_eq!(warnings.lock().unwrap().len(), 3);
        assert_eq!(tls.not_after(), END + 365 * DAY_S);
    };
    tokio::select! {
        () = tls.watch(|warning| warnings.lock().unwrap().push(warning)) => unreachable!("it never returns"),
        () = observed => {}
    }
}
