//! Lines for programs: `{"timestamp":…,"level":…,"target":…,"message":…,"fields":{…}}`.

use std::fmt::{Debug, Write as _};

use tracing::Level;
use tracing::field::{Field, Visit};

use super::bounded::Bounded;
use super::fields::Fields;
use super::origin;

/// A line that is being written. Whatever is cut off, it is valid JSON at its end.
pub(super) struct Json {
    line: Bounded,
    /// Fields were begun.
    has_fields: bool,
}

impl Json {
    pub(super) fn begin(prefix: &str, time: &str, level: Level, target: &str) -> Self {
        let mut line = Bounded::new(escape);
        line.raw(&format!(r#"{prefix}{{"timestamp":"{time}","level":"{level}","target":""#));
        // `Bounded` takes everything.
        let _ = line.write_str(target);
        line.raw("\"");
        Self { line, has_fields: false }
    }

    pub(super) fn end(self) -> String {
        self.line.end(if self.has_fields { "}}" } else { "}" })
    }

    /// Begins a member of the object; false if it has no room. `bytes` is the length of its value if that must be whole.
    fn member(&mut self, name: &str, bytes: usize) -> bool {
        let before = if self.has_fields { "," } else { r#","fields":{"# };
        let begin = match name {
            "message" if !self.has_fields => r#","message":"#.to_owned(),
            _ => format!("{before}\"{name}\":"),
        };
        let fits = self.line.fits(begin.len() + bytes);
        if fits {
            self.has_fields |= name != "message";
            self.line.raw(&begin);
        }
        fits
    }

    fn text(&mut self, field: &Field, value: &dyn Debug) {
        if !origin::is_of_log(field) && self.member(field.name(), 1) {
            self.quoted(value);
        }
    }

    /// A number or a truth value, which cannot be cut.
    fn whole(&mut self, field: &Field, value: &str) {
        if !origin::is_of_log(field) && self.member(field.name(), value.len()) {
            self.line.raw(value);
        }
    }

    fn quoted(&mut self, value: &dyn Debug) {
        self.line.raw("\"");
        let _ = write!(self.line, "{value:?}");
        self.line.raw("\"");
    }
}

impl Fields for Json {
    fn message(&mut self, message: &dyn Debug) {
        if self.member("message", 1) {
            self.quoted(message);
        }
    }
}

impl Visit for Json {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, &format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.whole(field, &value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.whole(field, &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.whole(field, &value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, value);
    }
}

fn escape(character: char, line: &mut String) {
    match character {
        '"' | '\\' => line.extend(['\\', character]),
        // All of them are below U+0100, so four digits are enough.
        _ if character.is_control() => drop(write!(line, "\\u{:04x}", u32::from(character))),
        _ => line.push(character),
    }
}
