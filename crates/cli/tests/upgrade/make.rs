//! Makes what this release leaves to later ones. Not a test: a release runs it, as CONTRIBUTING.md says.

use std::fs;
use std::path::Path;
use std::process::Command;

use fjall::{Database, KeyspaceCreateOptions};

use crate::answers::{Step, answered, call, read, write};
use crate::support::{Server, Workspace, run};
use crate::{ANSWERS, DATABASE, DIRECTORIES, DUMP, data, postgres, succeeded, unpacked, upgrades, workspace};

#[test]
#[ignore = "writes compat/upgrade: a release runs it"]
fn the_stores_of_this_release_are_made() {
    let release = upgrades().join(env!("CARGO_PKG_VERSION"));
    fs::create_dir_all(&release).unwrap();
    let [stopped, killed] = DIRECTORIES;
    let workspace = workspace("");
    let server = workspace.serve();
    made(&server, &data::first());
    server.stop();
    flush(&workspace);
    let server = workspace.serve();
    made(&server, &data::second());
    server.kill();
    pack(&workspace, &release, killed);
    // Over a copy: some of the calls change something.
    let asked = answered(&unpacked(&release, killed), &data::asked());
    fs::write(release.join(ANSWERS), write(&asked)).unwrap();
    assert_eq!(read(&write(&asked)), asked);
    workspace.serve().stop();
    pack(&workspace, &release, stopped);
    dump(&workspace, &release);
}

/// Makes calls, all of which must succeed in whole.
fn made(server: &Server, steps: &[Step]) {
    let mut query = String::new();
    for step in steps {
        match step {
            Step::Query(other) => query.clone_from(other),
            Step::Call { command, body, .. } => {
                let answer = call(server.rest, &query, command, body);
                let succeeded = answer.split("Code\":").skip(1).all(|rest| rest.starts_with('0'));
                assert!(succeeded, "{command} {body} is answered {answer}");
            }
            Step::Comment(_) | Step::Restart => {}
        }
    }
}

/// Moves what is in the journals into tables: in a small store that would not happen by itself.
fn flush(workspace: &Workspace) {
    let database = Database::builder(workspace.path("pinfold-data/data")).open().unwrap();
    for name in database.list_keyspace_names() {
        database.keyspace(&name, KeyspaceCreateOptions::default).unwrap().rotate_memtable_and_wait().unwrap();
    }
}

/// Packs the store so that the same files give the same bytes. `-S` leaves out what journals reserve.
fn pack(workspace: &Workspace, release: &Path, name: &str) {
    let mut tar = Command::new("tar");
    tar.args(["-S", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-I", "gzip -9n", "-cf"]);
    tar.arg(release.join(format!("{name}.tar.gz"))).arg("-C").arg(workspace.path("pinfold-data")).arg(".");
    succeeded(tar);
}

/// A dump of the store, and one of the database into which that is imported.
fn dump(from: &Workspace, release: &Path) {
    let file = release.join(DUMP);
    let _ = fs::remove_file(&file);
    let mut export = from.command("export");
    export.arg(&file);
    succeeded(export);
    let url = postgres::shared().new_database();
    let to = workspace(&url);
    let mut import = to.command("import");
    import.arg(&file);
    succeeded(import);
    let mut pg_dump = postgres::shared().program("pg_dump");
    pg_dump.args(["--no-owner", "--no-privileges", "--no-comments"]).arg(&url);
    let sql = String::from_utf8(run(pg_dump).stdout).unwrap();
    let of_any_version = |line: &&str| {
        let depends = ["--", "SET ", "SELECT pg_catalog.set_config(", "\\restrict", "\\unrestrict"];
        !line.is_empty() && !depends.iter().any(|begin| line.starts_with(begin))
    };
    let sql: String = sql.lines().filter(of_any_version).map(|line| format!("{line}\n")).collect();
    assert!(sql.contains("COPY public.pinfold_accounts"), "{sql}");
    fs::write(release.join(DATABASE), sql).unwrap();
}
