//! Lines for people: `TIME LEVEL MODULE: MESSAGE FIELD=VALUE …`.

use std::fmt::{self, Debug, Write as _};

use tracing::Level;
use tracing::field::{Field, Visit};

use super::bounded::Bounded;
use super::fields::Fields;
use super::origin;

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// A line that is being written.
pub(super) struct Text(Bounded);

impl Text {
    pub(super) fn begin(prefix: &str, time: &str, level: Level, target: &str, colours: bool) -> Self {
        let mut line = Bounded::new(escape);
        line.raw(prefix);
        let (dim, colour, plain) = if colours { (DIM, colour(level), PLAIN) } else { ("", "", "") };
        line.raw(&format!("{dim}{time}{plain} {colour}{level:>5}{plain} {dim}"));
        // `Bounded` takes everything.
        let _ = line.write_str(target);
        line.raw(&format!("{plain}:"));
        Self(line)
    }

    pub(super) fn end(self) -> String {
        self.0.end("")
    }

    fn field(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if !origin::is_of_log(field) {
            let _ = write!(self.0, " {}={value}", field.name());
        }
    }
}

impl Fields for Text {
    fn message(&mut self, message: &dyn Debug) {
        let _ = write!(self.0, " {message:?}");
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message(&format_args!("{value}")),
            _ => self.field(field, format_args!("{value:?}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message(value),
            _ => self.field(field, format_args!("{value:?}")),
        }
    }
}

/// Escapes control characters and invisible ones as a string literal of Rust does.
fn escape(character: char, line: &mut String) {
    match character {
        '"' | '\'' | '\\' => line.push(character),
        _ => line.extend(character.escape_debug()),
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}
