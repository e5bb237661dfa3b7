//! All sections of a configuration, for code that shows or compares every key.

use toml::Value;

use super::keys::Key;
use super::section::Section;
use super::{AppConfig, Config, TlsConfig};

/// A section with the values that an operator may see.
pub(super) struct Shown {
    /// Dotted, without the index of the app; empty at the top.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// The place of the app whose section it is.
    pub(super) app: Option<usize>,
    /// False for a section that may be left out and was.
    pub(super) is_set: bool,
    /// `None` for a key that is not set.
    pub(super) keys: Vec<(&'static Key, Option<Value>)>,
}

impl Shown {
    fn of<S: Section>(section: Option<&S>, app: Option<usize>) -> Self {
        let keys = S::FIELDS.iter().map(|field| (&field.key, section.and_then(field.show)));
        Self {
            name: S::PREFIX.trim_end_matches('.'),
            about: S::ABOUT,
            app,
            is_set: section.is_some(),
            keys: keys.collect(),
        }
    }
}

impl Config {
    /// Every section, in the order in which they are shown; those of the apps once for each.
    pub(super) fn sections(&self) -> Vec<Shown> {
        let mut sections = vec![
            Shown::of(Some(self), None),
            Shown::of(self.tls.as_ref(), None),
            Shown::of(Some(&self.store), None),
            Shown::of(Some(&self.timeouts), None),
        ];
        for (index, app) in self.apps.iter().enumerate() {
            sections.push(Shown::of(Some(app), Some(index)));
            sections.push(Shown::of(Some(&app.limits), Some(index)));
            sections.push(Shown::of(app.webhook.as_ref(), Some(index)));
        }
        sections
    }

    /// The defaults and one app.
    pub(super) fn with_every_section() -> Self {
        Self { apps: vec![AppConfig::defaults()], ..Self::default() }
    }

    /// The keys outside of the apps whose values differ.
    pub(super) fn changed_keys(&self, new: &Self) -> Vec<&'static Key> {
        let tls = |config: &Self| config.tls.clone().unwrap_or_else(TlsConfig::defaults);
        let mut keys = changed(self, new);
        keys.extend(changed(&tls(self), &tls(new)));
        keys.extend(changed(&self.store, &new.store));
        keys.extend(changed(&self.timeouts, &new.timeouts));
        keys
    }
}

fn changed<S: Section>(old: &S, new: &S) -> Vec<&'static Key> {
    S::FIELDS.iter().filter(|field| !(field.is_same)(old, new)).map(|field| &field.key).collect()
}
