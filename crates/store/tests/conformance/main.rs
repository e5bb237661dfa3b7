//! The contract of [`pinfold_store::Backend`], held against every backend.

#![allow(clippy::unwrap_used, reason = "the rules are tests")]

mod rules;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use pinfold_store::{Backend, Memory};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_holds_to_the_contract() {
    rules::suite(async |_: &str| Arc::new(Memory::new()) as Arc<dyn Backend>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_holds_to_the_contract() {
    let places = tempfile::tempdir().unwrap();
    rules::suite(async |place: &str| support::embedded(&places.path().join(place))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_holds_to_the_contract_when_nothing_stays_in_its_cache() {
    let places = tempfile::tempdir().unwrap();
    rules::suite(async |place: &str| support::embedded_without_cache(&places.path().join(place))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn embedded_holds_to_the_contract_across_restarts() {
    let places = tempfile::tempdir().unwrap();
    rules::durable_suite(async |place: &str| support::embedded(&places.path().join(place))).await;
}
