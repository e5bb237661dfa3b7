//! The fuzz targets: functions of an input that panic where a promise is broken.
//!
//! They are here and not beside libFuzzer, so that the compiler that builds everything else builds them, and `cargo test`
//! replays every seed. `fuzz/README.md` has the commands.

mod callback;
mod dump;
mod everything;
mod query;
mod requests;
pub mod seeds;
mod sse;
mod state;
mod stored;
mod user_sig;

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

pub use callback::callback;
pub use dump::dump;
pub use query::query;
pub use requests::{Answered, answered, requests};
pub use sse::sse;
pub use stored::stored;
pub use user_sig::{APP, KEY, NOW, base64, user_sig, zlib};

/// A target. It says whether its input was taken by what it tries: whether a call was answered with success, say.
pub type Target = fn(&[u8]) -> bool;

/// Every target, by the name of its files in `fuzz/`.
pub const TARGETS: [(&str, Target); 7] = [
    ("user_sig", user_sig),
    ("query", query),
    ("requests", requests),
    ("callback", callback),
    ("dump", dump),
    ("stored", stored),
    ("sse", sse),
];

/// Runs what waits for nothing but threads of its own.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime without a network"));
    RUNTIME.block_on(future)
}
