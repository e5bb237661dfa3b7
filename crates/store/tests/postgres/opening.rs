//! The tables: made once however many begin at the same time, never those of somebody newer; and TLS.

use std::sync::Arc;

use pinfold_store::Postgres;
use pinfold_store::postgres::{OpenError, Settings, migrate};

use super::support::postgres::{Server, shared};
use super::{impatient, open};

async fn refusal(settings: &Settings) -> String {
    Postgres::open(settings).await.map(|_| ()).unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn of_many_that_begin_at_once_one_makes_the_tables() {
    let settings = Arc::new(impatient(&shared().place()));
    let migrating: Vec<_> = (0..8)
        .map(|_| {
            let settings = Arc::clone(&settings);
            tokio::spawn(async move { migrate(&settings, false).await.unwrap().len() })
        })
        .collect();
    let mut done = 0;
    for migrated in migrating {
        done += migrated.await.unwrap();
    }
    assert_eq!(done, 1);
    open(&Settings { migrate: false, ..(*settings).clone() }).await.health().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let url = shared().place();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    shared().psql(&format!("CREATE TABLE {schema}.pinfold_chat_groups (in_the_way int)"));
    assert!(matches!(migrate(&impatient(&url), false).await, Err(OpenError::Other { .. })));
    let tables = format!("SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'");
    assert_eq!(shared().psql(&tables), "1");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_that_is_not_utf8_is_refused() {
    let name = format!("latin_{}", std::process::id());
    shared().psql(&format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"));
    let url = shared().place().replace("/postgres?", &format!("/{name}?"));
    assert!(refusal(&impatient(&url)).await.contains("has the encoding LATIN1; pinfold needs UTF8"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_that_takes_no_writes_is_refused() {
    let url = shared().place();
    open(&impatient(&url)).await;
    let read_only = format!("{url}%20-cdefault_transaction_read_only%3Don");
    assert!(refusal(&impatient(&read_only)).await.contains("it takes no writes"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn each_sslmode_trusts_what_it_says() {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (right, wrong) = (place.path().join("right.pem"), place.path().join("wrong.pem"));
    std::fs::write(&right, certificate.cert.pem()).unwrap();
    std::fs::write(&wrong, other.cert.pem()).unwrap();
    let server = Server::start_with_tls(&certificate.cert.pem(), &certificate.signing_key.serialize_pem());
    let base = server.place();
    let by_name = base.replace("127.0.0.1", "localhost");
    let url = |base: &str, more: &str| format!("{base}&{more}");
    let (right, wrong) = (right.display(), wrong.display());
    for (url, encrypted) in [
        (url(&base, "sslmode=disable"), "f"),
        (url(&base, "sslmode=prefer"), "t"),
        (url(&base, "sslmode=require"), "t"),
        (url(&base, &format!("sslmode=verify-ca&sslrootcert={right}")), "t"),
        (url(&by_name, &format!("sslmode=verify-full&sslrootcert={right}")), "t"),
    ] {
        let backend = open(&impatient(&url)).await;
        backend.health().await.unwrap();
        let newest = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
            WHERE application_name = 'pinfold' ORDER BY backend_start DESC LIMIT 1";
        assert_eq!(server.psql(newest), encrypted, "{url}");
    }
    for url in [
        url(&base, &format!("sslmode=verify-ca&sslrootcert={wrong}")),
        url(&base, &format!("sslmode=verify-full&sslrootcert={right}")),
        url(&by_name, "sslmode=verify-full"),
        url(&base, "sslmode=verify-full&sslrootcert=/nowhere.pem"),
    ] {
        assert!(refusal(&impatient(&url)).await.starts_with("no TLS to the database"), "{url}");
    }
    let plain = url(&shared().place(), "sslmode=require");
    assert!(refusal(&impatient(&plain)).await.starts_with("no TLS to the database"));
}
