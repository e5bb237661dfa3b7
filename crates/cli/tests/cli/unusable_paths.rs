//! Paths of stores and files that cannot be used: they are refused, and nothing is changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::backup::{ended, well, workspace};
use crate::failed_start::refusal;
use crate::restore::restore;
use crate::support::{Workspace, pinfold, text};

#[test]
fn a_link_that_leads_nowhere_is_not_restored_into_and_said_before_anything_is_read() {
    let from = workspace();
    let (link, target) = (from.path("link"), from.path("target"));
    symlink(&target, &link).unwrap();
    let said = |to: &Path| {
        format!(
            "pinfold: the store {}: cannot create the directory: {} is a symbolic link to {}, which does not exist; \
             make that directory, or remove the link",
            text(to),
            text(&link),
            text(&target)
        )
    };
    for to in [link.clone(), link.join("below")] {
        assert_eq!(restore(&from.path("nothing"), &to), (Some(1), said(&to)));
    }
    let with_slash = format!("{}/", text(&link));
    assert_eq!(restore(&from.path("nothing"), Path::new(&with_slash)).1, said(Path::new(&with_slash)));
    assert!(!target.exists());
    from.serve().stop();
    let file = from.path("backup.ndjson");
    well(from.command("backup"), &[text(&file)]);
    fs::create_dir(&target).unwrap();
    assert_eq!(restore(&file, &link).0, Some(0));
    assert!(target.join("clean").exists());
}

/// The sentence is not the one for a missing file, because an operator would not look for a file called `-`.
#[test]
fn restore_and_check_refuse_stdin_and_name_another_way() {
    let to = workspace();
    let (code, line, _) = ended(to.command("restore"), &["-"]);
    let expected = "pinfold: restore reads its file twice, to check all of it first, and stdin can be read once; write it \
                    to a file first, or use pinfold import -";
    assert_eq!((code, line.as_str()), (Some(1), expected));
    let (code, line, _) = ended(to.command("check"), &["-"]);
    let expected = "pinfold: check reads a store or a file, and not stdin; write it to a file first";
    assert_eq!((code, line.as_str()), (Some(1), expected));
    assert!(!to.path("pinfold-data").exists());
}

/// A path that cannot be read is not reported as missing.
#[test]
fn a_store_that_cannot_be_looked_at_is_told_with_what_the_system_says() {
    let workspace = |url: &str| {
        let workspace = Workspace::with(&format!("[store]\nurl = \"file:{url}\""));
        fs::write(workspace.path("file"), "").unwrap();
        symlink("loop", workspace.path("loop")).unwrap();
        workspace
    };
    let long = "x".repeat(300);
    for (url, why) in [
        ("file/store", "Not a directory"),
        ("loop/store", "Too many levels of symbolic links"),
        (long.as_str(), "File name too long"),
    ] {
        let workspace = workspace(url);
        let (store, to) = (workspace.path(url), workspace.path("to"));
        let expected = format!("pinfold: the store {}: cannot look into the directory: {why} ", text(&store));
        for (subcommand, arguments) in [("check", &[][..]), ("backup", &[text(&to)]), ("export", &[text(&to)])] {
            let (code, line, _) = ended(workspace.command(subcommand), arguments);
            assert!(code == Some(1) && line.starts_with(&expected), "{subcommand}: {line}");
            assert!(!to.exists() && !workspace.path("to.partial").exists(), "{subcommand}");
        }
        let (code, line) = restore(&workspace.path("file"), &store);
        assert!(code == Some(1) && line.starts_with(&expected), "{line}");
        let (code, line, _) = ended(pinfold([]), &["check", text(&store)]);
        assert!(
            code == Some(1) && line.starts_with(&format!("pinfold: cannot read {}: {why} ", text(&store))),
            "{line}"
        );
    }
}

/// A name is free only where nothing has it: a link that leads nowhere would be replaced.
#[test]
fn a_name_that_a_link_has_or_that_cannot_be_looked_at_is_told() {
    let from = workspace();
    from.serve().stop();
    let (link, looped) = (from.path("link"), from.path("loop"));
    symlink("nowhere", &link).unwrap();
    symlink("loop", &looped).unwrap();
    let below = looped.join("backup");
    for subcommand in ["backup", "export"] {
        for (to, why) in [
            (&link, "it exists already; choose another name or remove it"),
            (&looped, "it exists already; choose another name or remove it"),
            (&below, "Too many levels of symbolic links (os error 40)"),
        ] {
            let (code, line, _) = ended(from.command(subcommand), &[text(to)]);
            assert_eq!((code, line), (Some(1), format!("pinfold: cannot write {}: {why}", text(to))), "{subcommand}");
        }
        assert!(fs::read_link(&link).is_ok(), "it is left alone");
    }
}

/// Nothing can be made in its place.
#[test]
fn a_store_whose_directory_is_a_link_that_leads_nowhere_is_told() {
    let workspace = Workspace::with("[store]\nurl = \"file:link\"");
    symlink("nowhere", workspace.path("link")).unwrap();
    let link = workspace.path("link");
    let link = text(&link);
    let expected = format!(
        "the store {link}: cannot create the directory: {link} is a symbolic link to nowhere, which does not exist; \
         make that directory, or remove the link"
    );
    assert_eq!(refusal(workspace.command("serve")), expected);
    fs::create_dir(workspace.path("nowhere")).unwrap();
    workspace.serve().stop();
    assert!(workspace.path("nowhere/clean").exists());
}
