//! The table of all keys in `docs/operate/configure.md`. It is generated, so it cannot go stale.

use std::fmt::Write;

use pinfold_core::AppId;
use toml::{Table, Value};

use super::table::KEYS;
use super::{AppConfig, Config};

/// Every key with its default, what it may hold and what it means, as a Markdown table.
pub fn reference_table() -> String {
    let defaults = defaults();
    let mut text = "| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for key in KEYS {
        let default = default_of(&defaults, key.name).map_or("–".to_owned(), |value| format!("`{value}`"));
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| `{}` | {default} | {} | {} |", key.name, key.kind.allowed(), key.meaning);
    }
    text
}

/// The default configuration, with the defaults of an app as the table `app`.
fn defaults() -> Table {
    let mut app = Table::try_from(AppConfig::new(AppId(0), Vec::new())).expect("an app is a table of plain values");
    app.remove("sdkappid");
    app.remove("keys");
    let mut root = Table::try_from(Config::default()).expect("a configuration is a table of plain values");
    root.insert("app".to_owned(), app.into());
    root
}

fn default_of<'a>(table: &'a Table, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        Some((section, rest)) => default_of(table.get(section)?.as_table()?, rest),
        None => table.get(name),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;

    const BEGIN: &str = "<!-- keys: begin, generated -->\n";
    const END: &str = "<!-- keys: end -->\n";

    fn docs() -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "../../docs/operate"].iter().collect()
    }

    /// The dotted names of all values in a document, those of the first app included.
    fn names(prefix: &str, table: &Table, found: &mut BTreeSet<String>) {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            match value.as_table().or_else(|| value.get(0).and_then(Value::as_table)) {
                Some(below) => names(&format!("{name}."), below, found),
                None => assert!(found.insert(name)),
            }
        }
    }

    fn known() -> BTreeSet<String> {
        KEYS.iter().map(|key| key.name.to_owned()).collect()
    }

    #[test]
    fn every_field_of_a_full_configuration_is_in_the_table_of_keys_and_the_other_way_round() {
        let mut app = AppConfig::new(AppId(1), Vec::new());
        app.keys_file = Some("keys".into());
        app.calls_per_second_max = Some(1);
        let tls = super::super::TlsConfig {
            cert_file: "cert".into(),
            key_file: "key".into(),
            client_ca_file: Some("ca".into()),
        };
        let mut full = Config { apps: vec![app], tls: Some(tls), ..Config::default() };
        full.store.password = Some(super::super::Password::new("geheim"));
        full.store.password_file = Some("password".into());
        let mut fields = BTreeSet::new();
        names("", &Table::try_from(full).unwrap(), &mut fields);
        assert_eq!(fields, known());
    }

    #[test]
    fn the_reference_in_the_docs_is_the_generated_one() {
        let path = docs().join("configure.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = page.split_once(BEGIN).unwrap();
        let (table, after) = rest.split_once(END).unwrap();
        let fresh = format!("\n{}\n", reference_table());
        if std::env::var_os("PINFOLD_BLESS").is_some() {
            std::fs::write(&path, format!("{before}{BEGIN}{fresh}{END}{after}")).unwrap();
        } else {
            assert_eq!(table, fresh, "stale: run the tests of pinfold-server once with PINFOLD_BLESS=1");
        }
    }

    /// The example with `#key = value` and `#[section]` taken in; a `# ` begins prose.
    fn uncommented(text: &str) -> String {
        let is_code = |rest: &str| rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
        text.lines()
            .map(|line| line.strip_prefix('#').filter(|rest| is_code(rest)).unwrap_or(line).to_owned() + "\n")
            .collect()
    }

    #[test]
    fn the_example_names_every_key() {
        let text = std::fs::read_to_string(docs().join("pinfold.example.toml")).unwrap();
        let mut found = BTreeSet::new();
        names("", &uncommented(&text).parse().unwrap(), &mut found);
        assert_eq!(found, known());
    }

    #[test]
    fn the_example_loads_and_sets_nothing_but_defaults() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pinfold.toml");
        std::fs::copy(docs().join("pinfold.example.toml"), &file).unwrap();
        std::fs::write(directory.path().join("app-1400000001.keys"), "0123456789abcdef\n").unwrap();
        let config = Config::load(Some(&file), std::iter::empty()).unwrap().config;

        let mut plain = Config {
            apps: vec![AppConfig::new(AppId(1_400_000_001), config.apps[0].keys.clone())],
            ..Config::default()
        };
        plain.apps[0].keys_file = Some("app-1400000001.keys".into());
        plain.anchor(directory.path());
        assert_eq!(Table::try_from(config).unwrap(), Table::try_from(plain).unwrap());
    }

    #[test]
    fn every_configuration_in_the_pages_loads() {
        let pages = ["configure.md", "limits.md"].map(|page| std::fs::read_to_string(docs().join(page)).unwrap());
        let text = pages.concat();
        let blocks: Vec<_> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```")).collect();
        assert!(!blocks.is_empty());
        for (block, _) in blocks {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("pinfold.toml");
            std::fs::write(&file, block).unwrap();
            std::fs::write(directory.path().join("app-1400000001.keys"), "0123456789abcdef\n").unwrap();
            Config::load(Some(&file), std::iter::empty()).unwrap();
        }
    }
}
