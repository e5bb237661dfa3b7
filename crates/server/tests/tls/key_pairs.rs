//! Pairs of a certificate and a key: which can be used, and the refusals of the others.

use std::path::PathBuf;
use std::sync::Arc;

use pinfold_server::config::TlsConfig;
use pinfold_server::{Plane, system_clock};
use pinfold_store::{Memory, Store};
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

use crate::certificates::{Authority, shown};
use crate::clients::{DEFAULT_OPTIONS, call_http1, connect};
use crate::support::{TestServer, config};

/// Why a server with this pair does not start.
async fn refusal(pair: TlsConfig) -> String {
    let mut config = config();
    config.tls = Some(pair);
    let plane = Plane::bind(&config, Store::new(Arc::new(Memory::new())), system_clock()).await;
    let refusal = plane.err().expect("the server starts").to_string();
    assert!(!refusal.contains('\n') && refusal.starts_with("tls: "), "{refusal}");
    refusal
}

async fn assert_works(authority: &Authority, pair: TlsConfig) {
    let server = TestServer::with(|config| config.tls = Some(pair)).await;
    call_http1(connect(server.address, authority.roots(), &DEFAULT_OPTIONS).await.unwrap()).await;
}

#[tokio::test]
async fn a_file_that_is_missing_is_named() {
    let authority = Authority::new();
    let nothing = authority.nothing();
    let without_certificate = refusal(TlsConfig { cert_file: nothing.clone(), ..authority.pair() }).await;
    assert!(without_certificate.contains("certificate") && without_certificate.contains(&shown(&nothing)));
    let without_key = refusal(TlsConfig { key_file: nothing.clone(), ..authority.pair() }).await;
    assert!(without_key.contains("key") && without_key.contains(&shown(&nothing)));
    assert!(without_key.contains("No such file") || cfg!(not(unix)), "{without_key}");
}

#[tokio::test]
async fn a_file_without_what_it_is_for_is_named() {
    let authority = Authority::new();
    let pair = authority.pair();
    for text in ["", "nonsense\n", "\0\u{1}\u{2}"] {
        let file = authority.write("other.pem", text);
        let sentence = refusal(TlsConfig { cert_file: file.clone(), ..pair.clone() }).await;
        assert_eq!(sentence, format!("tls: {} holds no certificate in plain PEM", shown(&file)), "{text:?}");
        let sentence = refusal(TlsConfig { key_file: file.clone(), ..pair.clone() }).await;
        assert_eq!(sentence, format!("tls: {} holds no private key in plain PEM", shown(&file)), "{text:?}");
    }
}

#[tokio::test]
async fn two_files_that_were_mixed_up_are_named() {
    let authority = Authority::new();
    let TlsConfig { cert_file, key_file, .. } = authority.pair();
    let both = |cert_file: &PathBuf, key_file: &PathBuf| TlsConfig {
        cert_file: cert_file.clone(),
        key_file: key_file.clone(),
        client_ca_file: None,
    };
    let swapped = both(&key_file, &cert_file);
    assert_eq!(refusal(swapped).await, format!("tls: {} holds no certificate in plain PEM", shown(&key_file)));
    let no_key = both(&cert_file, &cert_file);
    assert_eq!(refusal(no_key).await, format!("tls: {} holds no private key in plain PEM", shown(&cert_file)));
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_with_both_names() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (pair, other) = (authority.pair(), other.pair());
    let sentence = refusal(TlsConfig { key_file: other.key_file.clone(), ..pair.clone() }).await;
    let (key, certificate) = (shown(&other.key_file), shown(&pair.cert_file));
    assert_eq!(sentence, format!("tls: the key in {key} is not the one of the first certificate in {certificate}"));
}

#[tokio::test]
async fn pem_that_holds_garbage_is_refused() {
    let authority = Authority::new();
    for (what, body) in [("base64", "AAAA"), ("no base64", "?!?!"), ("nothing", "")] {
        for label in ["CERTIFICATE", "PRIVATE KEY"] {
            let text = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
            let file = authority.write("garbage.pem", &text);
            let pair = match label {
                "CERTIFICATE" => TlsConfig { cert_file: file.clone(), ..authority.pair() },
                _ => TlsConfig { key_file: file.clone(), ..authority.pair() },
            };
            let sentence = refusal(pair).await;
            assert!(sentence.contains(&shown(&file)), "{what} in {label}: {sentence}");
        }
    }
}

#[tokio::test]
async fn a_pem_block_that_does_not_end_is_refused() {
    let authority = Authority::new();
    let file = authority.write("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    let sentence = refusal(TlsConfig { cert_file: file.clone(), ..authority.pair() }).await;
    assert_eq!(sentence, format!("tls: {} breaks off in the middle of a certificate", shown(&file)));
}

#[tokio::test]
async fn a_key_that_breaks_off_is_refused() {
    let authority = Authority::new();
    let pair = authority.pair();
    let whole = std::fs::read_to_string(&pair.key_file).unwrap();
    let file = authority.write("cut.pem", &whole[..whole.len() / 2]);
    let sentence = refusal(TlsConfig { key_file: file.clone(), ..pair }).await;
    assert_eq!(sentence, format!("tls: {} breaks off in the middle of a private key", shown(&file)));
}

#[tokio::test]
async fn a_key_behind_a_passphrase_is_refused_in_either_form() {
    let authority = Authority::new();
    let pair = authority.pair();
    for form in [&["pkcs8", "-topk8"][..], &["ec", "-aes128"]] {
        let rest = ["-in", "server-key.pem", "-out", "encrypted.pem", "-passout", "pass:secret"];
        if authority.openssl(&[form, &rest].concat()).is_some() {
            let file = pair.key_file.with_file_name("encrypted.pem");
            let sentence = refusal(TlsConfig { key_file: file.clone(), ..pair.clone() }).await;
            let expected = format!(
                "tls: the private key in {} is encrypted; passphrases are not supported, so store it without one",
                shown(&file)
            );
            assert_eq!(sentence, expected);
        }
    }
}

#[tokio::test]
async fn certificate_and_key_may_be_in_one_file() {
    let authority = Authority::new();
    let TlsConfig { cert_file, key_file, .. } = authority.pair();
    let both = [key_file, cert_file].map(|file| std::fs::read_to_string(file).unwrap()).concat();
    let file = authority.write("both.pem", &both);
    assert_works(&authority, TlsConfig { cert_file: file.clone(), key_file: file, client_ca_file: None }).await;
}

#[tokio::test]
async fn keys_of_every_usual_kind_work() {
    for kind in [&rcgen::PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        let authority = Authority::new();
        let key = KeyPair::generate_for(kind).unwrap();
        assert_works(&authority, authority.certify(&key, &key.serialize_pem())).await;
    }
}

#[tokio::test]
async fn a_key_in_the_older_form_for_elliptic_curves_works() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    authority.write("key.pem", &key.serialize_pem());
    let Some(sec1) = authority.openssl(&["pkey", "-in", "key.pem", "-traditional"]) else { return };
    assert!(sec1.contains("BEGIN EC PRIVATE KEY"), "another form");
    assert_works(&authority, authority.certify(&key, &sec1)).await;
}

#[tokio::test]
async fn rsa_keys_work_in_both_forms() {
    let authority = Authority::new();
    let Some(pkcs8) = authority.openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]) else {
        return;
    };
    let key = KeyPair::from_pem(&pkcs8).unwrap();
    assert_works(&authority, authority.certify(&key, &pkcs8)).await;
    authority.write("key.pem", &pkcs8);
    let pkcs1 = authority.openssl(&["pkey", "-in", "key.pem", "-traditional"]).unwrap();
    assert!(pkcs1.contains("BEGIN RSA PRIVATE KEY"), "another form");
    assert_works(&authority, authority.certify(&key, &pkcs1)).await;
}
