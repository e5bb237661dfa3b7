//! The tables: made once however many servers begin at the same time, and never those of a newer build; and TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pinfold_store::Postgres;
use pinfold_store::postgres::{OpenError, Settings, migrate};

use super::support::postgres::{Server, shared};
use super::{open, short_timeouts};

async fn refusal(settings: &Settings) -> String {
    Postgres::open(settings).await.map(|_| ()).unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn of_many_that_begin_at_once_one_makes_the_tables() {
    let settings = Arc::new(short_timeouts(&shared().new_schema()));
    let migrating: Vec<_> = (0..8)
        .map(|_| {
            let settings = Arc::clone(&settings);
            tokio::spawn(async move { migrate(&settings, false).await.unwrap().len() })
        })
        .collect();
    let mut that_did = 0;
    for migrated in migrating {
        that_did += usize::from(migrated.await.unwrap() > 0);
    }
    assert_eq!(that_did, 1);
    open(&Settings { migrate: false, ..(*settings).clone() }).await.health().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let url = shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    shared().psql(&format!("CREATE TABLE {schema}.pinfold_chat_groups (in_the_way int)"));
    assert!(matches!(migrate(&short_timeouts(&url), false).await, Err(OpenError::Other { .. })));
    let tables = format!("SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'");
    assert_eq!(shared().psql(&tables), "1");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_that_is_not_utf8_is_refused() {
    let name = format!("latin_{}", std::process::id());
    shared().psql(&format!("CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"));
    let url = shared().in_database(&shared().new_schema(), &name);
    let refusal = refusal(&short_timeouts(&url)).await;
    shared().psql(&format!("DROP DATABASE {name} WITH (FORCE)"));
    assert!(refusal.contains("has the encoding LATIN1; pinfold needs UTF8"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_that_takes_no_writes_is_refused() {
    let url = shared().new_schema();
    open(&short_timeouts(&url)).await;
    let read_only = format!("{url}%20-cdefault_transaction_read_only%3Don");
    assert!(refusal(&short_timeouts(&read_only)).await.contains("it takes no writes"));
}

/// A host that takes the connection and says nothing, as one does whose server was stopped.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_silent_host_leaves_time_for_the_next_one() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hosts = format!("{},{}", silent.local_addr().unwrap(), shared().host());
    let settings = short_timeouts(&shared().new_schema().replace(shared().host(), &hosts));
    let began = Instant::now();
    open(&settings).await.health().await.unwrap();
    let share = settings.connect_max / 2;
    assert!((share..share + Duration::from_millis(700)).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_host_that_cannot_be_reached_or_takes_no_writes_is_passed_over() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hosts = format!("{unused},{}", shared().host());
    let place = shared().new_schema().replace(shared().host(), &hosts);
    open(&short_timeouts(&format!("{place}&target_session_attrs=read-write"))).await.health().await.unwrap();
    let only_reads = refusal(&short_timeouts(&format!("{place}&target_session_attrs=read-only"))).await;
    assert!(only_reads.contains("does not answer"), "{only_reads}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn each_sslmode_trusts_what_it_says() {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (right, wrong) = (place.path().join("right.pem"), place.path().join("wrong.pem"));
    std::fs::write(&right, certificate.cert.pem()).unwrap();
    std::fs::write(&wrong, other.cert.pem()).unwrap();
    let server = Server::start_with_tls(&certificate.cert.pem(), &certificate.signing_key.serialize_pem());
    let base = server.new_schema();
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
        let backend = open(&short_timeouts(&url)).await;
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
        assert!(refusal(&short_timeouts(&url)).await.starts_with("no TLS to the database"), "{url}");
    }
    let plain = Server::start(&["-c", "fsync=off"]);
    let plain = url(&plain.new_schema(), "sslmode=require");
    assert!(refusal(&short_timeouts(&plain)).await.starts_with("no TLS to the database"));
}

/// The two ways of PostgreSQL's manual ("Creating Certificates"): a certificate that signed itself, and one of version 1
/// by an authority, both without alternative names.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it configures its server, so PostgreSQL must be installed here")]
async fn certificates_as_the_manual_of_postgresql_makes_them_are_trusted_where_they_are_named() {
    let certificates = concat!(env!("CARGO_MANIFEST_DIR"), "/../trust/tests/certificates");
    let read = |name: &str| std::fs::read_to_string(format!("{certificates}/{name}")).unwrap();
    for (name, root) in [("own", "own.pem"), ("version1", "root.pem")] {
        let server = Server::start_with_tls(&read(&format!("{name}.pem")), &read(&format!("{name}.key")));
        let base = server.new_schema();
        let by_name = base.replace("127.0.0.1", "localhost");
        let root = format!("sslrootcert={certificates}/{root}");
        for version in ["TLSv1.3", "TLSv1.2"] {
            server.psql(&format!("ALTER SYSTEM SET ssl_max_protocol_version = '{version}'"));
            server.psql("SELECT pg_reload_conf()");
            for url in [
                format!("{base}&sslmode=require"),
                format!("{base}&sslmode=verify-ca&{root}"),
                format!("{by_name}&sslmode=verify-full&{root}"),
            ] {
                open(&short_timeouts(&url)).await.health().await.unwrap();
            }
        }
        for url in [format!("{base}&sslmode=verify-full&{root}"), format!("{by_name}&sslmode=verify-full")] {
            assert!(refusal(&short_timeouts(&url)).await.starts_with("no TLS to the database"), "{url}");
        }
    }
}
