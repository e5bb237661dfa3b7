//! The server is killed under load, again and again. Every acknowledged call is there afterwards, and the one
//! call of an account that was on its way is there as a whole or not at all.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pinfold_client::{CallError, Client, Settings};
use pinfold_wire::commands::GetContactGroup;
use pinfold_wire::recent_contact::get_contact_group;
use serde_json::{Value, json};

use support::{APP, KEY, Server, Workspace};

const ROUNDS: usize = 5;
const TASKS: usize = 8;
const ACCOUNTS: usize = 48;
/// Conversations of an account; all of them fit on one page.
const PEERS: u64 = 12;

/// The data of an account: custom marks by peer, peers by conversation group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kept {
    marks: BTreeMap<String, String>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

/// A call by its number: it says what it does, so a test that knows the number knows what must be there.
#[derive(Clone, Copy, Debug)]
struct Step(u64);

/// An account, of which one task at a time makes the calls.
struct Account {
    id: String,
    kept: Kept,
    next: u64,
    /// The call `next` was sent and not answered.
    open: bool,
}

fn peer(n: u64) -> String {
    format!("peer {}", n % PEERS)
}

fn contact(peer: &str) -> Value {
    json!({"Type": 1, "To_Account": peer})
}

impl Step {
    /// Groups live for three cycles of steps.
    fn cycle(self) -> u64 {
        self.0 / 5
    }

    fn marked(self) -> impl Iterator<Item = String> {
        (0..6).map(move |n| peer(self.0 + n))
    }

    /// Peers the group of this cycle begins with; the first leaves it and two others join.
    fn members(self) -> impl Iterator<Item = String> {
        (0..3).map(move |n| peer(self.cycle() + n))
    }

    fn joining(self) -> [String; 2] {
        [peer(self.cycle() + 5), peer(self.cycle() + 6)]
    }

    fn call(self, account: &str) -> (&'static str, Value) {
        let (cycle, n) = (self.cycle(), self.0);
        match n % 5 {
            1 => {
                let members: Vec<_> = self.members().map(|peer| contact(&peer)).collect();
                let group = json!({"GroupName": format!("new {cycle}"), "ContactItem": members});
                ("create_contact_group", json!({"From_Account": account, "GroupContactItem": [group]}))
            }
            2 => {
                let [first, second] = self.joining();
                let update = |opt: u32, peer: &str| json!({"ContactOptType": opt, "ContactItem": contact(peer)});
                let updates = [update(1, &first), update(2, &peer(cycle)), update(1, &second)];
                let group =
                    json!({"UpdateGroupType": 2, "OldGroupName": format!("new {cycle}"), "ContactUpdateItem": updates});
                ("update_contact_group", json!({"From_Account": account, "UpdateGroup": group}))
            }
            3 => {
                let group = json!({"UpdateGroupType": 1, "OldGroupName": format!("new {cycle}"), "NewGroupName": format!("old {cycle}")});
                ("update_contact_group", json!({"From_Account": account, "UpdateGroup": group}))
            }
            4 if cycle >= 3 => {
                let name = format!("old {}", cycle - 3);
                ("del_contact_group", json!({"From_Account": account, "GroupName": [name]}))
            }
            _ => {
                let mark =
                    |peer: String| json!({"OptType": 2, "ContactItem": contact(&peer), "CustomMark": n.to_string()});
                let marks: Vec<_> = self.marked().map(mark).collect();
                ("mark_contact", json!({"From_Account": account, "MarkItem": marks}))
            }
        }
    }

    fn apply(self, kept: &mut Kept) {
        let cycle = self.cycle();
        match self.0 % 5 {
            1 => drop(kept.groups.insert(format!("new {cycle}"), self.members().collect())),
            2 => {
                let members = kept.groups.get_mut(&format!("new {cycle}")).unwrap();
                members.remove(&peer(cycle));
                members.extend(self.joining());
            }
            3 => {
                let members = kept.groups.remove(&format!("new {cycle}")).unwrap();
                kept.groups.insert(format!("old {cycle}"), members);
            }
            4 if cycle >= 3 => drop(kept.groups.remove(&format!("old {}", cycle - 3)).unwrap()),
            _ => kept.marks.extend(self.marked().map(|peer| (peer, self.0.to_string()))),
        }
    }
}

/// Makes calls for these accounts in turn until the server is gone; gives the accounts back.
async fn load(client: Client, mut accounts: Vec<Account>) -> Vec<Account> {
    for turn in 0.. {
        let workspace = turn % accounts.len();
        let account = &mut accounts[workspace];
        let (command, body) = Step(account.next).call(&account.id);
        match client.call_raw(&format!("recentcontact/{command}"), body.to_string().into_bytes()).await {
            Ok(answer) => {
                let answer = String::from_utf8(answer).unwrap();
                let parts: Vec<_> = answer.split("Code\":").skip(1).collect();
                assert!(parts.iter().all(|rest| rest.starts_with('0')), "{body} is answered {answer}");
                Step(account.next).apply(&mut account.kept);
                account.next += 1;
            }
            Err(CallError::Transport(_)) => {
                account.open = true;
                break;
            }
            Err(error) => panic!("{body} fails otherwise: {error}"),
        }
    }
    accounts
}

async fn read(client: &Client, account: &str) -> Kept {
    let request = get_contact_group::Request { from_account: account.into(), ..Default::default() };
    let response = client.call::<GetContactGroup>(&request).await.unwrap();
    assert_eq!(response.complete_flag, 1);
    let names: BTreeMap<_, _> =
        response.group_item.into_iter().map(|group| (group.group_id, group.group_name)).collect();
    let mut kept =
        Kept { groups: names.values().map(|name| (name.clone(), BTreeSet::new())).collect(), ..Kept::default() };
    for record in response.contact_item {
        let peer = record.to_account.unwrap().to_string();
        for id in record.contact_group_id {
            kept.groups.get_mut(&names[&id]).unwrap().insert(peer.clone());
        }
        if !record.custom_mark.is_empty() {
            kept.marks.insert(peer, record.custom_mark.into());
        }
    }
    kept
}

/// Compares an account with what was acknowledged. Whether an open call was found.
async fn verify(client: &Client, account: &mut Account) -> bool {
    let found = read(client, &account.id).await;
    if found == account.kept {
        account.open = false;
        return false;
    }
    let before = account.kept.clone();
    assert!(account.open, "{} keeps {found:?}\nwhere {before:?} was acknowledged", account.id);
    Step(account.next).apply(&mut account.kept);
    assert_eq!(found, account.kept, "call {} of {} is there in part, after {before:?}", account.next, account.id);
    account.next += 1;
    account.open = false;
    true
}

fn client(server: &Server) -> Client {
    Client::new(Settings::new(format!("http://{}", server.rest), APP, "administrator", KEY)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_call_survives_a_kill_and_every_call_is_whole_or_absent() {
    let workspace = Workspace::with_app("", "accounts = \"any\"\ncalls_per_second_max = 0");
    let new = |n| Account { id: format!("account {n}"), kept: Kept::default(), next: 0, open: false };
    let mut accounts: Vec<_> = (0..ACCOUNTS).map(new).collect();
    let (mut open, mut whole) = (0, 0);
    let mut server = workspace.serve();
    for _ in 0..ROUNDS {
        let mut loads = Vec::new();
        while !accounts.is_empty() {
            let share = accounts.split_off(accounts.len() - ACCOUNTS / TASKS);
            loads.push(tokio::spawn(load(client(&server), share)));
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(200..1500))).await;
        server.kill();
        for load in loads {
            accounts.extend(load.await.unwrap());
        }
        server = workspace.serve();
        let client = client(&server);
        for account in &mut accounts {
            open += usize::from(account.open);
            whole += usize::from(verify(&client, account).await);
        }
    }
    let calls: u64 = accounts.iter().map(|account| account.next).sum();
    println!("{calls} calls, {ROUNDS} kills; {open} calls were on their way, of which {whole} were found");
    assert!(calls > 200 && open > 0, "too little happened: {calls} calls, {open} on their way");
    server.stop();
}
