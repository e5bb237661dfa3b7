//! The account of these tests, which is changed and watched.

use pinfold_client::{Client, Settings, Watch, Watched};
use pinfold_wire::commands::GetChanges;
use pinfold_wire::pinfold::change::Change;
use pinfold_wire::pinfold::get_changes;
use pinfold_wire::recent_contact::{ContactItem, mark_contact};
use tokio::sync::{oneshot, watch};

use crate::support::{APP, KEY, Server, Workspace};

pub(crate) const ACCOUNT: &str = "alice";

/// A mark on the conversation with this account, which changes something whenever its number is another one.
pub(crate) fn mark(peer: &str, number: u32) -> mark_contact::Request {
    let item = mark_contact::MarkItem {
        opt_type: 2.into(),
        contact_item: ContactItem::one_to_one(peer).into(),
        custom_mark: number.to_string().as_str().into(),
        ..Default::default()
    };
    mark_contact::Request { from_account: ACCOUNT.into(), mark_item: [item].into() }
}

/// What the watcher is told, up to the change of a revision that is named later. Counts the streams that began.
pub(crate) async fn told(mut watch: Watch, began: watch::Sender<u32>, last: oneshot::Receiver<u32>) -> Vec<Change> {
    let (mut changes, mut until) = (Vec::<Change>::new(), None);
    let mut last = std::pin::pin!(last);
    while until.is_none_or(|until| changes.last().is_none_or(|change| change.revision < until)) {
        tokio::select! {
            item = watch.next() => match item.unwrap().unwrap() {
                Watched::Change(_, change) => changes.push(change),
                Watched::Began(_) => began.send_modify(|began| *began += 1),
                Watched::Waiting(..) => {}
                Watched::Reset(cursor) => panic!("a reset to {cursor} after {} changes", changes.len()),
            },
            revision = &mut last, if until.is_none() => until = Some(revision.unwrap()),
        }
    }
    changes
}

/// All changes that are kept, oldest first.
pub(crate) async fn kept(client: &Client) -> Vec<Change> {
    let (mut changes, mut before) = (Vec::new(), 0);
    loop {
        let request = get_changes::Request { from_account: ACCOUNT.into(), before: before.into(), limit: 100.into() };
        let page = client.call::<GetChanges>(&request).await.unwrap();
        changes.extend(page.change);
        if page.complete_flag == 1 {
            changes.reverse();
            return changes;
        }
        before = page.before.into();
    }
}

/// A server that keeps more changes than a fast machine makes in these tests.
pub(crate) fn workspace(top: &str) -> Workspace {
    let app = "accounts = \"any\"\ncalls_per_second_max = 0\nlimits = { history_changes_max = 100000 }";
    Workspace::with_app(top, app)
}

pub(crate) fn client(server: &Server) -> Client {
    Client::new(Settings::new(format!("http://{}", server.rest), APP, "administrator", KEY)).unwrap()
}
