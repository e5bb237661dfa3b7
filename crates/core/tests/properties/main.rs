//! The rules against a model that is too simple to be wrong: whatever is called, in whatever order, both
//! answer the same, refuse the same and keep the same.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a call or refusal that is forgotten here fails the tests")]

mod account;
mod arranged;
mod calls;
mod events;
mod find_paging;
mod model;
mod model_lists;
mod model_undo;
mod paging;
mod real;
mod real_lists;
mod sequences;
mod texts;
mod undo;
mod undo_of_anything;
