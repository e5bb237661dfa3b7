//! A store is replaced by what a backup or an export kept, while clients watch: they load anew, and go on.

use std::fs;

use pinfold_client::{Client, Cursor, Watch, Watched};
use pinfold_wire::commands::MarkContact;
use tokio::time::timeout;

use crate::account::{self, ACCOUNT, client, kept, mark};
use crate::support::{Server, TIMEOUT, Workspace, free_port, run, text};

/// What a client is told, without what says only that it is connected again.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Began,
    Change(u32),
    Reset,
}

struct Follower {
    watch: Watch,
    /// Where it stands.
    cursor: Option<Cursor>,
}

impl Follower {
    fn new(server: &Server, after: Option<Cursor>) -> Self {
        Self { watch: client(server).watch(Some(ACCOUNT), after), cursor: None }
    }

    async fn next(&mut self) -> Told {
        let told = async {
            loop {
                let (cursor, told) = match self.watch.next().await.unwrap().unwrap() {
                    Watched::Began(cursor) => (cursor, Told::Began),
                    Watched::Change(cursor, change) => (cursor, Told::Change(change.revision)),
                    Watched::Reset(cursor) => (cursor, Told::Reset),
                    Watched::Waiting(..) => continue,
                };
                self.cursor = Some(cursor);
                return told;
            }
        };
        timeout(TIMEOUT, told).await.expect("nothing is told")
    }

    /// What comes next, and where it stands then.
    async fn cursor(&mut self, expected: Told) -> Cursor {
        assert_eq!(self.next().await, expected);
        self.cursor.clone().unwrap()
    }
}

/// A server on a port that it has again after each start.
fn workspace() -> Workspace {
    account::workspace(&format!("listen = [\"127.0.0.1:{}\"]", free_port()))
}

/// `pinfold SUBCOMMAND --config …` with these arguments, which ends well.
fn well(workspace: &Workspace, subcommand: &str, arguments: &[&str]) {
    let mut command = workspace.command(subcommand);
    command.args(arguments);
    let output = run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn change(client: &Client, number: u32) {
    client.call::<MarkContact>(&mark("bob", number)).await.unwrap();
}

fn put_old_store_away(workspace: &Workspace) {
    fs::rename(workspace.path("pinfold-data"), workspace.path("old-data")).unwrap();
}

/// Clients that stand at every place before, at and after the backup; it is restored, and the account goes on.
#[tokio::test]
async fn after_a_restore_clients_load_anew_and_go_on_wherever_they_stand() {
    let workspace = workspace();
    let server = workspace.serve();
    let caller = client(&server);
    let mut open = Follower::new(&server, None);
    let mut cursors = vec![open.cursor(Told::Began).await];
    let file = workspace.path("backup.ndjson.gz");
    for number in 1..=4 {
        change(&caller, number).await;
        cursors.push(open.cursor(Told::Change(number)).await);
        if number == 2 {
            well(&workspace, "backup", &[text(&file)]);
        }
    }
    server.stop();
    put_old_store_away(&workspace);
    well(&workspace, "restore", &[text(&file)]);
    let server = workspace.serve();
    let caller = client(&server);
    assert_eq!(kept(&caller).await.len(), 2, "the account is as it was");

    let mut back: Vec<_> = cursors.into_iter().map(|cursor| Follower::new(&server, Some(cursor))).collect();
    back.push(open);
    for follower in &mut back {
        follower.cursor(Told::Reset).await;
    }
    for number in [3, 4] {
        change(&caller, 10 + number).await;
        for follower in &mut back {
            follower.cursor(Told::Change(number)).await;
        }
    }
    for follower in back {
        let mut again = Follower::new(&server, follower.cursor);
        again.cursor(Told::Began).await;
    }
    server.stop();
}

/// Version 1 counts no changes, so what it has is told by none.
#[tokio::test]
async fn after_an_import_clients_load_anew_also_those_that_watched_before_there_was_an_account() {
    for version in ["1", "2"] {
        let (from, to) = (workspace(), workspace());
        let server = from.serve();
        change(&client(&server), 1).await;
        server.stop();
        let file = from.path("dump");
        well(&from, "export", &["--version", version, text(&file)]);

        let server = to.serve();
        let mut open = Follower::new(&server, None);
        let nothing = open.cursor(Told::Began).await;
        server.stop();
        put_old_store_away(&to);
        well(&to, "import", &[text(&file)]);
        let server = to.serve();
        assert_eq!(open.next().await, Told::Reset, "version {version}");
        change(&client(&server), 2).await;
        assert!(matches!(open.next().await, Told::Change(_)), "version {version}");
        let mut late = Follower::new(&server, Some(nothing));
        assert_eq!(late.next().await, Told::Reset, "version {version}");
        server.stop();
    }
}
