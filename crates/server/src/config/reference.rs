//! The table of all keys in `docs/operate/configure.md`. It is generated, so it cannot go stale.

use std::fmt::Write;

use super::Config;
use super::keys::Reload;

/// Every key with its default, what it may hold, what it means, and whether a reload takes it, as a Markdown table.
pub fn reference_table() -> String {
    let mut text = "| key | default | allowed | meaning | reload |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let sections = Config::with_every_section().sections();
    for (key, default) in sections.iter().flat_map(|section| &section.keys) {
        let default = default.as_ref().map_or("–".to_owned(), |value| format!("`{value}`"));
        let reload = match key.reload {
            Reload::Live => "yes",
            Reload::Exchange => "exchanged",
            Reload::Restart => "–",
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| `{}` | {default} | {} | {} | {reload} |", key.name, key.allowed, key.meaning);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::example::example_file;
    use crate::config::keys::last_part;
    use crate::config::tests::{Directory, docs};
    use crate::config::{AppConfig, file, section::Section as _, settings::Settings};
    use pinfold_core::AppId;

    const KEYS_FILE: &str = "app-1400000001.keys";

    #[test]
    fn the_example_loads_and_sets_nothing_but_defaults() {
        let directory = Directory::new(&example_file());
        directory.write(KEYS_FILE, "0123456789abcdef\n");
        let config = directory.load(&[]).unwrap().config;

        let app = AppConfig::new(AppId(1_400_000_001), config.apps[0].keys.clone());
        let mut plain = Config { apps: vec![app], ..Config::defaults() };
        plain.apps[0].keys_file = Some(KEYS_FILE.into());
        plain.anchor(directory.path());
        assert_eq!(config, plain);
    }

    /// `#key = value` and `#[section]` are taken in; `# ` begins prose.
    #[test]
    fn what_the_example_comments_out_is_allowed_too() {
        let is_code = |rest: &str| rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
        let line = |line| str::strip_prefix(line, "#").filter(|rest| is_code(rest)).unwrap_or(line).to_owned() + "\n";
        let directory = Directory::new(&example_file().lines().map(line).collect::<String>());
        let mut settings = Settings::default();
        file::read(&directory.path().join("pinfold.toml"), &mut settings).unwrap();
        let config = settings.parse().unwrap();
        let keys = config.sections().into_iter().flat_map(|section| section.keys);
        assert_eq!(keys.filter(|(_, value)| value.is_none()).map(|(key, _)| key.name).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn the_protocol_has_the_default_of_every_limit() {
        let protocol = std::fs::read_to_string(docs().join("../protocol.md")).unwrap();
        let sections = Config::with_every_section().sections();
        let limits = sections.into_iter().find(|section| section.name == "app.limits").unwrap();
        for (key, default) in limits.keys {
            let (name, default) = (last_part(key.name), default.unwrap().to_string());
            let row = protocol.lines().find(|line| line.ends_with(&format!("| `{name}` |")));
            let rule = row.and_then(|row| row.split(" | ").nth(1)).unwrap_or_default();
            let numbers = rule.split(|c: char| !c.is_ascii_digit());
            assert!(numbers.clone().any(|number| number == default), "{name} is {default}, and there {rule:?}");
        }
    }

    #[test]
    fn every_configuration_in_the_pages_loads() {
        let pages = ["configure.md", "limits.md"].map(|page| std::fs::read_to_string(docs().join(page)).unwrap());
        let text = pages.concat();
        let blocks: Vec<_> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```")).collect();
        assert!(!blocks.is_empty());
        for (block, _) in blocks {
            let directory = Directory::new(block);
            directory.write(KEYS_FILE, "0123456789abcdef\n");
            directory.load(&[]).unwrap();
        }
    }
}
