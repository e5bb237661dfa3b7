//! Failures between pinfold and its database, and features that only this backend has.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod checks;
mod failover;
mod faults;
mod few_connections;
mod history;
mod opening;
mod outbox;
mod outcomes;
mod pool;
mod pooler;
mod proxy;
mod recents;
mod round_trips;
mod schema_1;
mod stats;
#[path = "../support/mod.rs"]
mod support;
mod synchronous;

use std::sync::Arc;
use std::time::Duration;

use pinfold_store::postgres::Settings;
use pinfold_store::{Backend, Postgres};

/// Settings with time-outs that a test can wait for.
fn short_timeouts(url: &str) -> Settings {
    Settings {
        connections_max: 4,
        connect_max: Duration::from_millis(2000),
        acquire_max: Duration::from_millis(500),
        statement_max: Duration::from_millis(700),
        ..Settings::new(url.parse().unwrap())
    }
}

async fn open(settings: &Settings) -> Arc<dyn Backend> {
    Arc::new(Postgres::open(settings).await.unwrap())
}
