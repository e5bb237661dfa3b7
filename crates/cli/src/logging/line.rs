//! Formats one line of the log.

use pinfold_server::config::LogFormat;
use tracing::field::display;
use tracing::{Event, Level};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

use super::fields::Fields;
use super::json::Json;
use super::origin::Origin;
use super::text::Text;

/// How all lines look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) format: LogFormat,
    /// Only in the format for people.
    pub(super) colours: bool,
    /// Each line begins with its priority, as the journal reads it from a service's stderr (sd-daemon(3)).
    pub(super) priorities: bool,
}

impl Style {
    /// The line of an event.
    pub(super) fn event(self, event: &Event<'_>) -> String {
        let target = Origin::of(event).target;
        self.line(*event.metadata().level(), &target, |line| event.record(line))
    }

    /// A line of the log's own, about lines that are missing.
    pub(super) fn notice(self, message: &str) -> String {
        self.line(Level::WARN, "pinfold::logging", |line| line.message(&display(message)))
    }

    /// The line of the sentence that ends the process, in whole.
    pub(super) fn sentence(self, sentence: &str) -> String {
        match self.format {
            LogFormat::Text => format!("{}{sentence}\n", self.prefix(Level::ERROR)),
            LogFormat::Json => {
                let line = serde_json::json!({
                    "timestamp": now(), "level": "ERROR", "target": "pinfold", "message": sentence
                });
                format!("{}{line}\n", self.prefix(Level::ERROR))
            }
        }
    }

    fn line(self, level: Level, target: &str, record: impl FnOnce(&mut dyn Fields)) -> String {
        match self.format {
            LogFormat::Text => {
                let mut line = Text::begin(self.prefix(level), &now(), level, target, self.colours);
                record(&mut line);
                line.end()
            }
            LogFormat::Json => {
                let mut line = Json::begin(self.prefix(level), &now(), level, target);
                record(&mut line);
                line.end()
            }
        }
    }

    /// A level as one of syslog's.
    pub(super) fn prefix(self, level: Level) -> &'static str {
        match level {
            _ if !self.priorities => "",
            Level::ERROR => "<3>",
            Level::WARN => "<4>",
            Level::INFO => "<6>",
            Level::DEBUG | Level::TRACE => "<7>",
        }
    }
}

fn now() -> String {
    let mut text = String::new();
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}
