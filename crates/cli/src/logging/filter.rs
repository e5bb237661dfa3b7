//! Which lines are logged: the configuration key `log`.

use pinfold_server::TRACES_TARGET;
use pinfold_server::config::Loaded;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};

use crate::failure::Failure;

/// The log filter of a configuration.
pub(crate) fn filter_of(loaded: &Loaded) -> Result<EnvFilter, Failure> {
    let origin = loaded.origin("log").map(ToString::to_string).unwrap_or_default();
    filter(&loaded.config.log, &origin)
}

/// Reads a log filter. `origin` says in the error where it was set.
///
/// A single word must be a level: the filter's own syntax would take a mistyped level for the name of a module, and
/// log nothing at all.
pub(crate) fn filter(text: &str, origin: &str) -> Result<EnvFilter, Failure> {
    let refuse = |what: &str| {
        Failure::new(format!(
            "log = {text:?} is not a log filter: {what}; allowed are a level (error, warn, info, debug, trace, off) and \
             levels by module, such as \"info,pinfold_server=debug\" ({origin})"
        ))
    };
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    let is_word = |part: &str| !part.is_empty() && !part.contains(['=', '[', ']']);
    if let Some(word) = parts.iter().find(|part| is_word(part) && part.parse::<LevelFilter>().is_err()) {
        return Err(refuse(&format!("{word:?} is not a level")));
    }
    let filter = EnvFilter::try_new(parts.join(",")).map_err(|error| refuse(&error.to_string()))?;
    let general = parts.iter().rev().find_map(|part| part.parse::<LevelFilter>().ok());
    let is_quiet = general.is_none_or(|level| level <= LevelFilter::WARN);
    let engine = ENGINE.into_iter().filter(|name| !is_quiet && !parts.iter().any(|part| part.starts_with(name)));
    let filter = engine.fold(filter, |filter, name| filter.add_directive(directive(&format!("{name}=warn"))));
    Ok(without_traces(without_parameters(filter)))
}

/// The modules of the storage engine. Its reports about its own work are logged only where the filter names it.
const ENGINE: [&str; 2] = ["fjall", "lsm_tree"];

/// The database client logs parameters, and so what people wrote, at the level debug: it does not get there.
fn without_parameters(filter: EnvFilter) -> EnvFilter {
    match filter.max_level_hint() {
        Some(level) if level <= LevelFilter::INFO => filter,
        // The longer name as well, or one in the configuration would win over the shorter one.
        _ => ["tokio_postgres=info", "tokio_postgres::query=info"]
            .into_iter()
            .fold(filter, |filter, directive| filter.add_directive(self::directive(directive))),
    }
}

/// Spans are for collectors; in the log each line of a call would begin with them.
fn without_traces(filter: EnvFilter) -> EnvFilter {
    filter.add_directive(directive(&format!("{TRACES_TARGET}=off")))
}

fn directive(text: &str) -> Directive {
    text.parse().expect("a directive that a test reads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_levels_by_module_are_filters() {
        for text in ["info", "WARN", "off", "info,pinfold_server=debug", "info, fjall=warn", "pinfold_server=debug"] {
            assert!(filter(text, "default").is_ok(), "{text}");
        }
    }

    #[test]
    fn the_engine_is_heard_from_warnings_on_unless_it_is_named() {
        let filter = |text: &str| filter(text, "default").unwrap().to_string();
        for text in ["info", "debug", "trace,pinfold=info"] {
            assert!(filter(text).contains("fjall=warn") && filter(text).contains("lsm_tree=warn"), "{text}");
        }
        let named = filter("info,fjall=debug");
        assert!(named.contains("fjall=debug") && !named.contains("fjall=warn") && named.contains("lsm_tree=warn"));
        for text in ["error", "off", "warn", "pinfold=debug"] {
            assert!(!filter(text).contains("fjall"), "{text}");
        }
    }

    #[test]
    fn the_database_client_never_logs_what_it_sends() {
        for text in ["debug", "trace,tokio_postgres=trace", "info,tokio_postgres::query=debug"] {
            let filter = filter(text, "default").unwrap().to_string();
            assert!(filter.contains("tokio_postgres=info") && filter.contains("tokio_postgres::query=info"), "{text}");
        }
        assert!(!filter("error", "default").unwrap().to_string().contains("tokio_postgres"));
    }

    #[test]
    fn a_mistyped_level_is_refused_and_not_taken_for_a_module() {
        for text in ["inof", "info,debgu", "info,fjall=loud", "fjall"] {
            assert!(filter(text, "default").is_err(), "{text}");
        }
    }
}
