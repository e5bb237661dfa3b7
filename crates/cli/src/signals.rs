//! SIGTERM and SIGINT: the first ends the server in good order, the second at once. SIGHUP does not end it.

use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::logging;

/// Exit code after a second signal.
const AT_ONCE: i32 = 1;

/// Listens from now on; the token is cancelled by the first signal.
pub(crate) fn stop_token() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        let name = either(&mut terminate, &mut interrupt).await;
        tracing::info!(signal = name, "stopping; requests in flight are finished, a second signal cuts them off");
        first.cancel();
        let name = either(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name, "stopped at once");
        logging::end();
        process::exit(AT_ONCE);
    });
    Ok(stop)
}

/// Listens for SIGHUP from now on. A signal that arrives before the first wait is kept.
pub(crate) fn hang_ups() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
