//! Callbacks, one after the other, over a store in memory.
//!
//! Callbacks are separated by an empty line. The first line of one is `CallbackCommand` of the URL, or empty; the body
//! follows. Accounts and chat groups need not be registered, and the register of chat groups follows the callbacks.

use std::sync::Arc;

use pinfold_core::{AppId, Registration, Timestamp};
use pinfold_server::config::AppConfig;
use pinfold_server::fuzzing::Calls;
use pinfold_store::{Memory, Store};

use crate::everything::Everything;
use crate::requests::calls;

/// Further callbacks of one input are left out.
const CALLBACKS_MAX: usize = 16;
const NOW: Timestamp = Timestamp(1_750_000_000);

/// The target; true if something was made of a callback. Whatever comes, it is no fault of the store, what is kept is
/// consistent, only what is taken changes anything, and the same callback once more changes nothing.
pub fn callback(data: &[u8]) -> bool {
    let store = Store::new(Arc::new(Memory::new()));
    let app = app();
    let served = Calls::new(&app, store.clone());
    let taken = async {
        let mut is_any_taken = false;
        for (command, body) in calls(data).take(CALLBACKS_MAX) {
            is_any_taken |= is_taken(&store, app.sdkappid, &served, &String::from_utf8_lossy(command), body).await;
        }
        is_any_taken
    };
    crate::block_on(taken)
}

async fn is_taken(store: &Store, app: AppId, served: &Calls, command: &str, body: &[u8]) -> bool {
    let before = Everything::of(store, app).await;
    let outcome = served.callback(NOW, command, body).await.expect("a store in memory does not fail");
    let after = Everything::of(store, app).await;
    after.are_kept(&before);
    let is_taken = matches!(outcome, "taken" | "register");
    assert!(is_taken || after == before, "a callback that is {outcome} changes something");
    assert_eq!(served.callback(NOW, command, body).await, Some(outcome), "the same callback ends otherwise");
    assert!(Everything::of(store, app).await == after, "the same callback changes something");
    is_taken
}

fn app() -> AppConfig {
    AppConfig { accounts: Registration::Any, callback_group_register: true, ..AppConfig::new(AppId(1), Vec::new()) }
}
