//! What many accounts and calls need, by a small simulation from measured costs: docs/operate/capacity.md.

mod checked;
mod costs;
mod simulation;
mod tables;

/// The tables of docs/operate/capacity.md, each with its name.
pub(crate) fn tables() -> [(&'static str, String); 5] {
    [
        ("checked", checked::table()),
        ("embedded", tables::embedded()),
        ("bends", tables::bends()),
        ("calls", tables::calls()),
        ("accounts", tables::accounts()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_tables_that_the_simulation_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operate/capacity.md");
        let document = std::fs::read_to_string(path).unwrap();
        for (name, table) in tables() {
            let table = format!("<!-- pinfold-bench capacity: {name} -->\n{table}\n");
            assert!(document.contains(&table), "docs/operate/capacity.md does not have\n\n{table}");
        }
    }
}
