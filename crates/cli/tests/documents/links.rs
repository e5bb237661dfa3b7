//! Links between files lead somewhere.

use std::fs;
use std::path::PathBuf;

use crate::{Document, documents, root};

/// Where the relative links of a text lead, without what follows `#`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let relative = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    relative.filter_map(|target| target.split('#').next())
}

#[test]
fn every_link_leads_to_a_file() {
    let mut dead = Vec::new();
    for file in markdown() {
        let text = fs::read_to_string(&file).unwrap();
        let directory = file.parent().unwrap();
        let is_dead = |link: &&str| !directory.join(link).exists();
        dead.extend(links(&text).filter(is_dead).map(|link| format!("{}: {link}", file.display())));
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

/// Every document of the repository, those for developers too.
fn markdown() -> Vec<PathBuf> {
    let directories = [
        "",
        "bench",
        "clients/js",
        "compat",
        "compat/foreign-client",
        "compat/upgrade",
        "docs",
        "docs/decisions",
        "docs/operate",
        "fuzz",
    ];
    let entries = directories.iter().flat_map(|name| fs::read_dir(root().join(name)).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "md")).collect()
}

#[test]
fn the_index_names_every_document_for_operators() {
    let index = fs::read_to_string(root().join("docs/operate/README.md")).unwrap();
    for Document { name, .. } in documents() {
        if let Some(file) = name.strip_prefix("docs/operate/").filter(|file| *file != "README.md") {
            assert!(links(&index).any(|link| link == file), "{file}");
        }
    }
}

#[test]
fn a_link_is_what_stands_between_the_parentheses() {
    let text = "[a](b.md), [c](https://example.com), [d](#here), [e](f.md#there)";
    assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "f.md"]);
}
