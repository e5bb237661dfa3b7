//! The metrics of the stores.

use std::path::Path;
use std::sync::Arc;

use pinfold_store::{Backend, Embedded, Postgres, Store, embedded, postgres as database};

use crate::scrape::Scrape;
use crate::support::{TestServer, config};
use crate::{IMPORT, MARK, postgres};

pub(crate) fn embedded(directory: &Path) -> Store {
    Store::new(Arc::new(Embedded::open(directory, &embedded::Settings::default()).unwrap()))
}

pub(crate) async fn over_postgres(url: &str) -> Store {
    let settings = database::Settings::new(url.parse().unwrap());
    Store::new(Arc::new(Postgres::open(&settings).await.unwrap()))
}

#[tokio::test]
async fn the_embedded_store_tells_of_its_cache_its_writer_and_its_disk() {
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::over(&config(), embedded(directory.path())).await;
    server.post(IMPORT.0, IMPORT.1).await;
    let before = Scrape::of(&server).await;
    server.post(MARK.0, MARK.1).await;
    let after = Scrape::of(&server).await;
    let more = |name: &str, labels: &[(&str, &str)]| after.sum(name, labels) - before.sum(name, labels);
    let accounts = [("cache", "accounts")];
    assert_eq!(more("pinfold_cache_hits_total", &accounts), 1.0, "a mark reads its account once, from memory");
    assert_eq!(more("pinfold_cache_misses_total", &accounts), 0.0);
    assert_eq!(after.sum("pinfold_cache_misses_total", &accounts), 2.0, "each of the two was looked for once");
    assert_eq!(after.sum("pinfold_cache_evictions_total", &accounts), 0.0, "what is replaced made no room");
    assert_eq!(more("pinfold_store_commit_duration_seconds_count", &[]), 1.0);
    assert_eq!(more("pinfold_store_batch_changes_sum", &[]), 1.0);
    for (name, least) in [
        ("pinfold_store_commit_duration_seconds_sum", 0.0),
        ("pinfold_store_disk_bytes", 100.0),
        ("pinfold_store_disk_free_bytes", 100.0),
        ("pinfold_cache_weight", 100.0),
        ("pinfold_store_queue_length_max", 100.0),
    ] {
        assert!(after.sum(name, &[]) > least, "{name}\n{}", after.text);
    }
    assert_eq!(after.sum("pinfold_store_writable", &[]), 1.0);
    for name in ["pinfold_store_queue_length", "pinfold_store_queue_bytes"] {
        assert_eq!(after.sum(name, &[]), 0.0, "{name}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_store_that_takes_no_writes_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let backend = Arc::new(Embedded::open(directory.path(), &embedded::Settings::default()).unwrap());
    let server = TestServer::over(&config(), Store::new(Arc::clone(&backend) as Arc<dyn Backend>)).await;
    assert_eq!(Scrape::of(&server).await.sum("pinfold_store_writable", &[]), 1.0);
    backend.close().await.unwrap();
    assert_eq!(Scrape::of(&server).await.sum("pinfold_store_writable", &[]), 0.0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_database_tells_of_its_connections_and_statements() {
    let server = TestServer::over(&config(), over_postgres(&postgres::shared().new_schema()).await).await;
    let before = Scrape::of(&server).await;
    server.post(IMPORT.0, r#"{"Accounts":["alice"]}"#).await;
    let after = Scrape::of(&server).await;
    let more = |name: &str| after.sum(name, &[]) - before.sum(name, &[]);
    for name in ["pinfold_database_connection_wait_seconds_count", "pinfold_database_statement_duration_seconds_count"]
    {
        assert_eq!(more(name), 2.0, "{name}: an import is a load and a commit");
    }
    assert!(after.sum("pinfold_database_connections_made_total", &[]) >= 1.0);
    assert_eq!(after.sum("pinfold_database_connections_in_use", &[]), 0.0);
    assert_eq!(after.sum("pinfold_database_connections_max", &[]), 16.0);
    assert_eq!(after.sum("pinfold_database_failures_total", &[]), 0.0);
    server.stop().await;
}
