//! The binary as its users meet it: started as a process, on loopback only.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod backup;
mod backup_page;
mod commands;
mod database;
mod dev;
mod dev_tls;
mod drop_app;
mod found_config;
mod health;
mod log_floods;
mod log_styles;
mod logs;
mod moving;
mod names;
mod pages;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod reload;
mod restore;
mod start;
mod stop;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "otlp")]
mod traces;
mod waiting;
