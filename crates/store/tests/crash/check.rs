//! Opening what a power cut left and looking at everything in it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use pinfold_core::{AccountState, Conversation, Timestamp};
use pinfold_store::{AccountKey, Backend, Embedded, Recents, Scope, Version, check};

use super::workload::{self, ACCOUNTS};
use super::{history, outbox};

/// Rows that scenarios fill journals with; their keys begin with a `z`, as those of no row of a store do.
const FILLER: &str = "the row [122, ";

/// The states each account goes through, its entries, the changes that are kept of it, and those that wait to be sent.
pub(crate) struct Model {
    states: Vec<Vec<AccountState>>,
    entries: Vec<Vec<Entries>>,
    changes: Vec<Vec<history::Run>>,
    waiting: Vec<Vec<outbox::Waiting>>,
}

type Entries = BTreeMap<Conversation, Timestamp>;

impl Model {
    pub(crate) fn new(commits: u64) -> Self {
        Self {
            states: (0..ACCOUNTS).map(|id| workload::states(id, commits + 3)).collect(),
            entries: (0..ACCOUNTS).map(|id| workload::entries(id, commits + 3)).collect(),
            changes: (0..ACCOUNTS).map(|id| history::runs(id, commits + 3)).collect(),
            waiting: (0..ACCOUNTS).map(|id| outbox::waiting(id, commits + 3)).collect(),
        }
    }

    /// Whether the store opens and every account is as after its last acknowledged commit, or after the next one; the
    /// touches after that one may be missing.
    /// With `go_on` it then makes more commits, opens the store again and compares again.
    pub(crate) fn check(&self, store: &Path, acknowledged: &HashMap<u64, u64>, go_on: bool) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let opened = workload::open(store)?;
            self.compare(&opened, acknowledged).await?;
            if !go_on {
                return Ok(());
            }
            let last = acknowledged.values().copied().max().unwrap_or(0) + 2;
            drop(workload::commit_until(opened, last, |_, _| {}).await?);
            let again = workload::open(store)?;
            self.compare(&again, &(0..ACCOUNTS).map(|id| (id, last)).collect()).await
        })
    }

    async fn compare(&self, store: &Embedded, acknowledged: &HashMap<u64, u64>) -> Result<(), String> {
        for (id, number) in acknowledged {
            let account = workload::account(*id);
            let loaded = store.load(&account, &Scope::All).await.map_err(|error| error.to_string())?;
            let (id, number) = (usize::try_from(*id).unwrap(), usize::try_from(*number).unwrap());
            let states = &self.states[id];
            let Some(ahead) = states[number..=number + 1].iter().position(|state| *state == *loaded.state) else {
                let found = states.iter().position(|state| *state == *loaded.state);
                return Err(format!("account {id}: commit {number} was acknowledged, found is that of {found:?}"));
            };
            let (found, expected) = (entries(store, &account, loaded.version).await?, &self.entries[id]);
            // A deletion takes the entries along, touched or not.
            let is_untouched = ahead == 1 && loaded.version.is_some() && found == expected[number];
            if found != expected[number + ahead] && !is_untouched {
                return Err(format!("account {id}: touches of {number} were acknowledged, found are {found:?}"));
            }
            let waiting = outbox::found(store, &account).await?;
            let found = history::found(store, &account, &loaded).await?;
            history::compare(&found, &self.changes[id][number + ahead])
                .and(outbox::compare(&waiting, &self.waiting[id][number + ahead], ahead == 0))
                .map_err(|problem| format!("account {id}: {problem}"))?;
        }
        self.find_no_damage(store).await
    }

    async fn find_no_damage(&self, store: &Embedded) -> Result<(), String> {
        let mut damage = Vec::new();
        let checked = check(store, |_| (), |found| damage.push(found.clone())).await;
        checked.map_err(|error| error.to_string())?;
        damage.retain(|found| !found.what.starts_with(FILLER));
        if damage.is_empty() { Ok(()) } else { Err(format!("there is damage: {damage:?}")) }
    }
}

async fn entries(store: &Embedded, account: &AccountKey, version: Option<Version>) -> Result<Entries, String> {
    let Some(version) = version else { return Ok(Entries::new()) };
    let entries = store.entries(account, version.life).await.map_err(|error| error.to_string())?;
    Ok(entries.iter().map(|entry| (entry.conversation.clone(), entry.at)).collect())
}
