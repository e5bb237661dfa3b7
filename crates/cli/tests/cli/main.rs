//! The binary as its users meet it: started as a process, on loopback only.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod admin_backup;
mod backup;
mod commands;
mod config_search;
mod database;
mod database_down;
mod dev;
mod dev_tls;
mod drop_app;
mod export_import;
mod failed_start;
mod health;
mod log_floods;
mod log_formats;
mod logs;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod recent_conversations;
mod reload;
mod restore;
mod shutdown;
#[path = "../support/mod.rs"]
mod support;
mod tls_page;
#[cfg(feature = "otlp")]
mod traces;
mod unusable_paths;
mod watch;
mod webhook;
