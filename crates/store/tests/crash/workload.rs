//! The commits of the recorded process, and the states that must be found afterwards.
//!
//! Commit `number` of an account is a pure function of the account, the number and the account's state, and so are the
//! touches after it; `history` says which of the changes are kept, and `outbox` which of them wait to be sent. So what may
//! be found after a power cut is known in advance.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pinfold_core::{
    AccountId, AccountState, AppId, Arrangement, Conversation, CustomMark, Draft, GroupName, PeerStatuses, Profile,
    RecentEntry, Refusal, StandardMarks, Timestamp, Touches, decide,
};
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Backend, Embedded, Scope, Store};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{history, outbox};

/// Accounts that commit at the same time, so that several commits share a batch.
pub(crate) const ACCOUNTS: u64 = 4;
const CONVERSATIONS: u32 = 24;
/// The conversations of them that are touched.
const TOUCHED: u64 = 3;
/// Every so many commits an account is deleted with all its rows.
const DELETION_EVERY: u64 = 17;
/// Custom marks are usually short; some are longer than a sector, so that one can be lost inside a value.
const LONG_MARK_BYTES: usize = 1_400;

pub(crate) fn account(number: u64) -> AccountKey {
    AccountKey { app: AppId(1_400_000_001), account: AccountId::parse(&format!("account-{number}")).unwrap() }
}

/// A store with little memory for the cache, so that reads go to the disk.
pub(crate) fn open(directory: &Path) -> Result<Embedded, String> {
    let settings = Settings { cache_bytes_max: 1 << 20, ..Settings::default() };
    Embedded::open(directory, &settings).map_err(|error| error.to_string())
}

/// Makes the commits of every account up to number `last`, those that are missing, each with the touches after it, and
/// tells `durable` of each one that is there already or has returned.
pub(crate) async fn commit_until(
    store: Embedded,
    last: u64,
    durable: impl Fn(u64, u64) + Send + Sync + 'static,
) -> Result<Arc<Embedded>, String> {
    let (backend, durable) = (Arc::new(store), Arc::new(durable));
    let tasks: Vec<_> = (0..ACCOUNTS)
        .map(|id| {
            let store = Store::new(Arc::clone(&backend) as Arc<dyn Backend>);
            let durable = Arc::clone(&durable);
            tokio::spawn(async move { commit_one_by_one(&store, id, last, &*durable).await })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|error| error.to_string())??;
    }
    Ok(backend)
}

async fn commit_one_by_one(store: &Store, id: u64, last: u64, durable: &impl Fn(u64, u64)) -> Result<(), String> {
    let loaded = store.read(&account(id), &Scope::All).await.map_err(|error| error.to_string())?;
    let there = states(id, last).iter().position(|state| *state == *loaded.state).ok_or("an unknown state")? as u64;
    // The power may have gone between the commit and its touches.
    touch(store, id, there).await?;
    outbox::send(store, id, there).await?;
    history::retain(store, id, there).await?;
    durable(id, there);
    for number in there + 1..=last {
        let rule = |draft: &mut Draft<'_>| change(draft, id, number);
        let (origin, keep) = (history::origin(id), history::keeps(number));
        let acting = store.acting(&origin, keep).sending(outbox::wanted(number));
        let updated = acting.update(&account(id), &Scope::All, &[], now(number), rule).await;
        updated.map_err(|error| error.to_string())?;
        touch(store, id, number).await?;
        outbox::send(store, id, number).await?;
        history::retain(store, id, number).await?;
        durable(id, number);
    }
    Ok(())
}

/// Touches nothing of an account that was deleted.
async fn touch(store: &Store, id: u64, number: u64) -> Result<(), String> {
    let AccountKey { app, account } = account(id);
    let entries = touches(number).into_iter().map(|entry| (account.clone(), entry)).collect();
    let touched = store.backend().touch(app, &Touches { entries, chat_groups: Vec::new() }).await;
    touched.map(drop).map_err(|error| error.to_string())
}

/// One that is newer than all, one that is newer than what is kept, and one that comes too late.
fn touches(number: u64) -> [RecentEntry; 3] {
    let touch = |of: u64, at: u64| RecentEntry {
        conversation: conversation(u32::try_from(of % TOUCHED).unwrap()),
        at: now(at),
    };
    [touch(number, number), touch(number + 1, number.saturating_sub(1)), touch(number + 2, number.saturating_sub(3))]
}

/// The entries of an account before its first commit and after the touches of each one.
pub(crate) fn entries(id: u64, commits: u64) -> Vec<BTreeMap<Conversation, Timestamp>> {
    let mut entries = vec![BTreeMap::new()];
    for number in 1..=commits {
        let mut next = if deletes(id, number) { BTreeMap::new() } else { entries[entries.len() - 1].clone() };
        for RecentEntry { conversation, at } in touches(number).into_iter().filter(|_| !deletes(id, number)) {
            let kept = next.entry(conversation).or_insert(at);
            *kept = at.max(*kept);
        }
        entries.push(next);
    }
    entries
}

/// The states of an account before its first commit and after each one, as commits with a history leave them.
pub(crate) fn states(id: u64, commits: u64) -> Vec<AccountState> {
    let mut states = vec![AccountState::default()];
    for number in 1..=commits {
        let mut state = states[states.len() - 1].clone();
        let (exists, peers, now) = (number > 1, PeerStatuses::default(), now(number));
        let ((), changes) = decide(&state, exists, &peers, now, |draft| change(draft, id, number)).unwrap();
        let mut changes = changes.expect("every commit changes something");
        changes.record(&state, &history::origin(id), history::keeps(number), false);
        state.apply(&changes);
        states.push(state);
    }
    states
}

pub(crate) fn now(number: u64) -> Timestamp {
    Timestamp(1_700_000_000 + u32::try_from(number).unwrap())
}

pub(crate) fn change(draft: &mut Draft<'_>, id: u64, number: u64) -> Result<(), Refusal> {
    if deletes(id, number) {
        draft.delete();
        return Ok(());
    }
    let mut random = StdRng::seed_from_u64(number * ACCOUNTS + id);
    if random.random_ratio(1, 4) {
        change_groups(draft, number)?;
    }
    if random.random_ratio(1, 10) {
        draft.import(Profile { nick: format!("nick {number}"), face_url: String::new() });
    }
    for _ in 0..random.random_range(1..12) {
        let conversation = conversation(random.random_range(0..CONVERSATIONS));
        match random.random_range(0..8) {
            0 => draft.pin(&conversation)?,
            1 => draft.unpin(&conversation),
            2 | 3 => draft.arrange(&conversation, Arrangement::default()),
            _ => draft.arrange(&conversation, arrangement(number, &mut random)),
        }
    }
    // One row that no two commits write alike.
    let unique = Arrangement { standard: StandardMarks(number), ..Arrangement::default() };
    draft.arrange(&conversation(CONVERSATIONS), unique);
    Ok(())
}

/// Whether this commit deletes the account.
pub(crate) fn deletes(id: u64, number: u64) -> bool {
    number % DELETION_EVERY == DELETION_EVERY - id
}

fn change_groups(draft: &mut Draft<'_>, number: u64) -> Result<(), Refusal> {
    let oldest = draft.conversation_groups().keys().next().copied();
    match oldest {
        Some(oldest) if draft.conversation_groups().len() > 3 => draft.remove_conversation_group(oldest),
        _ => {
            draft.create_conversation_group(&GroupName::stored(&format!("group {number}")))?;
        }
    }
    Ok(())
}

fn conversation(number: u32) -> Conversation {
    Conversation::OneToOne(AccountId::parse(&format!("peer-{number}")).unwrap())
}

fn arrangement(number: u64, random: &mut StdRng) -> Arrangement {
    let bytes = if random.random_ratio(1, 6) { LONG_MARK_BYTES } else { random.random_range(1..90) };
    let mark: String = (0..bytes).map(|_| random.random_range('a'..='z')).collect();
    Arrangement { standard: StandardMarks(number), custom: CustomMark::stored(&mark), ..Arrangement::default() }
}
