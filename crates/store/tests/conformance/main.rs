//! The contract of [`pinfold_store::Backend`], held against every backend.

#![allow(clippy::unwrap_used, reason = "the rules are tests")]

mod rules;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pinfold_store::postgres::Settings;
use pinfold_store::{Backend, Memory, Postgres};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_holds_to_the_contract() {
    rules::suite(async |_: &str| Arc::new(Memory::new()) as Arc<dyn Backend>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_the_history() {
    rules::history::suite(&async |_: &str| Arc::new(Memory::new()) as Arc<dyn Backend>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_what_is_to_be_sent() {
    let open = async |_: &str| Arc::new(Memory::new()) as Arc<dyn Backend>;
    rules::outbox::suite(&open).await;
    rules::outbox::leases::suite(&open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_holds_to_the_contract() {
    let schemas = tempfile::tempdir().unwrap();
    rules::suite(async |place: &str| support::embedded(&schemas.path().join(place))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_holds_to_the_contract_when_nothing_stays_in_its_cache() {
    let schemas = tempfile::tempdir().unwrap();
    rules::suite(async |place: &str| support::embedded_without_cache(&schemas.path().join(place))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_holds_to_the_contract_across_restarts() {
    let schemas = tempfile::tempdir().unwrap();
    rules::durable_suite(async |place: &str| support::embedded(&schemas.path().join(place))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_keeps_the_history() {
    let schemas = tempfile::tempdir().unwrap();
    let open = async |place: &str| support::embedded(&schemas.path().join(place));
    rules::history::suite(&open).await;
    rules::history::durable_suite(&open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_keeps_the_history_when_nothing_stays_in_its_cache() {
    let schemas = tempfile::tempdir().unwrap();
    rules::history::suite(&async |place: &str| support::embedded_without_cache(&schemas.path().join(place))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_keeps_what_is_to_be_sent() {
    let schemas = tempfile::tempdir().unwrap();
    let open = async |place: &str| support::embedded(&schemas.path().join(place));
    rules::outbox::suite(&open).await;
    rules::outbox::durable_suite(&open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_keeps_what_is_to_be_sent_when_nothing_stays_in_its_cache() {
    let schemas = tempfile::tempdir().unwrap();
    rules::outbox::suite(&async |place: &str| support::embedded_without_cache(&schemas.path().join(place))).await;
}

/// The schemas of a suite by name, each an empty schema at first.
#[derive(Default)]
struct Schemas(Mutex<BTreeMap<String, String>>);

impl Schemas {
    fn url(&self, place: &str) -> String {
        let mut schemas = self.0.lock().unwrap();
        schemas.entry(place.to_owned()).or_insert_with(|| support::postgres::shared().new_schema()).clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn postgres_holds_to_the_contract() {
    let schemas = Schemas::default();
    let open = async |place: &str| support::postgres(&schemas.url(place)).await;
    rules::suite(open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn postgres_holds_to_the_contract_across_restarts() {
    let schemas = Schemas::default();
    let open = async |place: &str| support::postgres(&schemas.url(place)).await;
    rules::durable_suite(open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn postgres_holds_to_the_contract_without_prepared_statements_and_copies() {
    let schemas = Schemas::default();
    let open = async |place: &str| {
        let url = schemas.url(place).parse().unwrap();
        let settings = Settings { prepared_statements: false, copies_bytes_max: 0, ..Settings::new(url) };
        Arc::new(Postgres::open(&settings).await.unwrap()) as Arc<dyn Backend>
    };
    rules::suite(open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn postgres_keeps_the_history() {
    let schemas = Schemas::default();
    let open = async |place: &str| support::postgres(&schemas.url(place)).await;
    rules::history::suite(&open).await;
    rules::history::durable_suite(&open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn postgres_keeps_the_history_without_prepared_statements_and_copies() {
    let schemas = Schemas::default();
    let open = async |place: &str| {
        let url = schemas.url(place).parse().unwrap();
        let settings = Settings { prepared_statements: false, copies_bytes_max: 0, ..Settings::new(url) };
        Arc::new(Postgres::open(&settings).await.unwrap()) as Arc<dyn Backend>
    };
    rules::history::suite(&open).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn postgres_keeps_what_is_to_be_sent() {
    let schemas = Schemas::default();
    let open = async |place: &str| support::postgres(&schemas.url(place)).await;
    rules::outbox::suite(&open).await;
    rules::outbox::durable_suite(&open).await;
    rules::outbox::leases::suite(&open).await;
}
