//! The history of an account that several callers change, read over HTTP after something happened to the server.

use std::collections::BTreeMap;

use pinfold_client::{CallError, Client};
use pinfold_wire::commands::{GetContactGroup, MarkContact, Undo};
use pinfold_wire::pinfold::change::{Change, Event};
use pinfold_wire::pinfold::undo;
use pinfold_wire::recent_contact::get_contact_group;

use crate::account::{ACCOUNT, kept, mark};

/// The custom marks of the account, by conversation.
type Marks = BTreeMap<String, String>;

/// One of several callers. It marks a conversation of its own with one number after the other.
pub(crate) struct Caller {
    peer: String,
    next: u32,
    acknowledged: Vec<u32>,
}

impl Caller {
    pub(crate) fn new(number: usize) -> Self {
        Self { peer: format!("peer {number}"), next: 1, acknowledged: Vec::new() }
    }

    /// Makes one change; its code. `None` if the server is gone.
    pub(crate) async fn call(&mut self, client: &Client) -> Option<u32> {
        let number = self.next;
        self.next += 1;
        match client.call::<MarkContact>(&mark(&self.peer, number)).await {
            Ok(response) => {
                assert_eq!(response.result_item[0].result_code, 0);
                self.acknowledged.push(number);
                Some(0)
            }
            Err(CallError::Refused { code, .. }) => Some(code),
            Err(CallError::Transport(_)) => None,
            Err(error) => panic!("mark {number} of {} fails otherwise: {error}", self.peer),
        }
    }
}

/// Compares the history with what was acknowledged and with the account as it is. Gives the history, and how many of its
/// changes were not acknowledged.
pub(crate) async fn verify(client: &Client, callers: &[Caller]) -> (Vec<Change>, usize) {
    let history = kept(client).await;
    let revisions: Vec<_> = history.iter().map(|change| change.revision).collect();
    assert_eq!(revisions, (1..=history.len() as u32).collect::<Vec<_>>());
    assert!(history.is_sorted_by_key(|change| change.time));
    assert_eq!(told_by(&history), marks(client).await, "the account is not as its history tells");
    let mut told = BTreeMap::<&str, Vec<u32>>::new();
    for change in &history {
        let (peer, _, number) = marked(change);
        told.entry(peer).or_default().push(number.parse().unwrap());
    }
    for Caller { peer, acknowledged, .. } in callers {
        let told = told.get(&**peer).map_or(&[][..], Vec::as_slice);
        assert!(acknowledged.iter().all(|number| told.contains(number)), "{peer}: {told:?}, not {acknowledged:?}");
    }
    let acknowledged: usize = callers.iter().map(|caller| caller.acknowledged.len()).sum();
    let unacknowledged = history.len() - acknowledged;
    (history, unacknowledged)
}

/// The conversation whose mark a change changed, its mark before and after.
fn marked(change: &Change) -> (&str, &str, &str) {
    let [Event::MarkChanged { contact_item, old_custom_mark, custom_mark, .. }] = &change.event[..] else {
        panic!("another change: {change:?}");
    };
    (contact_item.to_account.as_deref().unwrap(), old_custom_mark, custom_mark)
}

/// The marks after these changes, each of which has to begin with those that the one before left.
fn told_by(history: &[Change]) -> Marks {
    let mut marks = Marks::new();
    for change in history {
        let (peer, old, new) = marked(change);
        let before = marks.insert(peer.to_owned(), new.to_owned()).unwrap_or_default();
        assert_eq!(before, old, "{change:?}");
    }
    marks
}

async fn marks(client: &Client) -> Marks {
    let request = get_contact_group::Request { from_account: ACCOUNT.into(), ..Default::default() };
    let response = client.call::<GetContactGroup>(&request).await.unwrap();
    assert_eq!(response.complete_flag, 1);
    let marks = response.contact_item.into_iter();
    marks.map(|record| (record.to_account.unwrap().to_string(), record.custom_mark.to_string())).collect()
}

/// Undoes the last change of this history. The account is then as before it.
pub(crate) async fn undo_last(client: &Client, history: &[Change]) {
    let (last, before) = history.split_last().unwrap();
    let request = undo::Request { from_account: ACCOUNT.into(), revision: i64::from(last.revision).into() };
    let made = client.call::<Undo>(&request).await.unwrap().change;
    let [made] = &made[..] else { panic!("{made:?} are not one change") };
    let (peer, old, new) = marked(last);
    assert_eq!((made.revision, marked(made)), (last.revision + 1, (peer, new, old)));
    let mut expected = told_by(before);
    // A conversation without a mark has no record.
    expected.retain(|_, mark| !mark.is_empty());
    assert_eq!(marks(client).await, expected);
}
