//! `watch`: the stream of an account's changes, a GET that is answered with [`sse`](crate::sse) (docs/protocol.md,
//! section 8).

/// Its name in rates and metrics.
pub const NAME: &str = "watch";
/// The path that takes it.
pub const PATH: &str = "/v4/pinfold/watch";
/// Streams that administrators of an app may begin in a second, by default.
pub const STARTS_PER_SECOND_MAX: u32 = 200;
