//! Accounts: a load is one statement, a commit is one; what the registers say comes with the load.

use pinfold_core::{Conversation, Head, PeerStatuses, Profile, StateDiff};

use super::cache::AccountCache;
use super::failure::{committed, did_commit};
use super::lanes::Subject;
use super::loads::Load;
use super::peers::Asked;
use super::pool::Pool;
use super::questions::Parameter;
use super::{statements, written};
use crate::{AccountKey, Commit, Life, Loaded, Scope, StoreError, Version};

fn of(account: &AccountKey) -> Subject<'_> {
    Subject(account.app.0.into(), account.account.as_str())
}

pub(super) async fn load(
    pool: &Pool,
    cache: &AccountCache,
    account: &AccountKey,
    scope: &Scope,
) -> Result<Loaded, StoreError> {
    let (load, question) = Load::begin(cache, account, scope);
    let [answer] = pool.ask(of(account), [Some(question)]).await?;
    load.end(cache, answer.as_ref())
}

/// What a change may begin from, and what the registers say: one round trip, or none if there is nothing to ask.
pub(super) async fn latest(
    pool: &Pool,
    cache: &AccountCache,
    account: &AccountKey,
    scope: &Scope,
    peers: &[Conversation],
) -> Result<(Loaded, PeerStatuses), StoreError> {
    let asked = Asked::of(account.app, peers);
    let (load, question) = Load::begin_latest(cache, account, scope);
    let [of_accounts, of_chat_groups] = asked.questions();
    let [loaded, accounts, chat_groups] = pool.ask(of(account), [question, of_accounts, of_chat_groups]).await?;
    let statuses = asked.statuses([accounts, chat_groups])?;
    Ok((load.end(cache, loaded.as_ref())?, statuses))
}

pub(super) async fn commit(
    pool: &Pool,
    cache: &AccountCache,
    account: &AccountKey,
    base: Option<Version>,
    next: Version,
    changes: &StateDiff,
) -> Result<Commit, StoreError> {
    let copy = cache.take(account, base);
    let committed = try_commit(pool, account, base, next, changes).await?;
    if let Some(copy) = copy.filter(|_| committed == Commit::Committed) {
        cache.committed(account, copy, next, changes);
    }
    Ok(committed)
}

async fn try_commit(
    pool: &Pool,
    account: &AccountKey,
    base: Option<Version>,
    next: Version,
    changes: &StateDiff,
) -> Result<Commit, StoreError> {
    let base = base.map(|version| version.number.cast_signed());
    let (app, id) = (i64::from(account.app.0), account.account.as_str());
    match &changes.head {
        Some(head) => keep(pool, account, base, next, (head, changes)).await,
        // Of an account that nothing is kept for there is nothing to delete; an account that came since conflicts.
        None => committed(pool.run(Subject(app, id), &statements::DELETE, &[&app, &id, &base]).await),
    }
}

async fn keep(
    pool: &Pool,
    account: &AccountKey,
    base: Option<i64>,
    next: Version,
    (head, changes): (&Head, &StateDiff),
) -> Result<Commit, StoreError> {
    let (written, removed) = written::encode(&account.account, changes, next.life);
    let subject @ Subject(app, account) = of(account);
    let life = (next.life != Life::default()).then_some(next.life.0.cast_signed());
    let next = next.number.cast_signed();
    let new_profile = Profile::default();
    let profile = changes.profile.as_ref().or(base.is_none().then_some(&new_profile));
    let (nick, face_url) = profile.map(|profile| (profile.nick.as_bytes(), profile.face_url.as_bytes())).unzip();
    let numbers = [head.last_change.0, head.newest.0, head.last_conversation_group_id, head.grouped, head.marked];
    let [last_change, newest, last_conversation_group, grouped, marked] = numbers.map(i64::from);
    let repeated = head.repeat.as_ref().map(written::of_repeat);
    let (revision, newest_ms) = (i64::from(head.revision), head.newest_ms.cast_signed());
    let history_from = i64::from(head.history_from);
    let group_order: Vec<_> = head.group_order.iter().map(|id| i64::from(id.0)).collect();
    let pin_order: Vec<_> = head.pin_order.iter().map(|change| i64::from(change.0)).collect();
    let mut parameters: Vec<Parameter<'_>> = vec![
        &app,
        &account,
        &base,
        &last_change,
        &newest,
        &next,
        &head.imported,
        &last_conversation_group,
        &grouped,
        &marked,
        &repeated,
        &nick,
        &face_url,
        &revision,
        &newest_ms,
        &group_order,
        &pin_order,
        &life,
        &history_from,
    ];
    parameters.extend(removed.parameters());
    parameters.extend(written.parameters());
    did_commit(pool.run(subject, &statements::COMMIT, &parameters).await)
}
