//! A span for each call, for a collector of traces. Without a collector it costs nothing: the span is disabled.
//!
//! A span holds the command, the app and the code, and nothing that a caller made up.

use pinfold_wire::Code;
use tracing::Span;
use tracing::field::Empty;

/// The target of the spans, for filters; nothing else has it.
pub const TRACES_TARGET: &str = "pinfold_traces";

/// Fields that begin with `otel` are the bridge's: it makes the kind and the status of the span of them.
pub(crate) fn call(command: &'static str) -> Span {
    tracing::info_span!(
        target: TRACES_TARGET,
        "call",
        otel.name = command,
        otel.kind = "server",
        otel.status_code = Empty,
        command,
        app = Empty,
        code = Empty,
    )
}

/// The call is answered; `is_fault` says that the service is to blame for the code.
pub(crate) fn answered(span: &Span, app: Option<&str>, code: Option<Code>, is_fault: bool) {
    if span.is_disabled() {
        return;
    }
    span.record("app", app.unwrap_or("other"));
    span.record("code", code.map_or(0, Code::number));
    if is_fault {
        span.record("otel.status_code", "ERROR");
    }
}
