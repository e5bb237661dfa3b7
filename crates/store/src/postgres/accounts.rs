//! Accounts: a load is one statement, a commit is one.

use pinfold_core::{AccountId, AppId, Changes, Conversation, Head, Profile};

use super::failure::{Failure, committed};
use super::pool::{Answer, Parameter, Pool};
use super::rows::{self, Removed, Written};
use super::statements::{self, Shape, kind};
use crate::{AccountKey, Commit, Fate, Loaded, Scope, StoreError, Version};

pub(super) async fn load(pool: &Pool, account: &AccountKey, scope: &Scope) -> Result<Loaded, StoreError> {
    let (app, id) = (i64::from(account.app.0), account.account.as_str());
    let loaded = match scope {
        Scope::Head => pool.read(&statements::LOAD, &[&app, &id, &kind::PIN_CHAT_GROUP]).await,
        Scope::All => pool.read(&statements::LOAD, &[&app, &id, &kind::RECORD_CHAT_GROUP]).await,
        Scope::Conversations(conversations) if let [one] = &conversations[..] => load_one(pool, app, id, one).await,
        Scope::Conversations(conversations) => load_some(pool, app, id, conversations).await,
    }?;
    let (version, state) = rows::to_account(&loaded.rows)?;
    Ok(Loaded { version, state: state.into(), fate: Fate::durable() })
}

async fn load_one(pool: &Pool, app: i64, account: &str, conversation: &Conversation) -> Result<Answer, Failure> {
    let (kind, key) = rows::key_of(conversation, kind::RECORD_ONE_TO_ONE, kind::RECORD_CHAT_GROUP);
    pool.read(&statements::LOAD_ONE, &[&app, &account, &kind::PIN_CHAT_GROUP, &app, &kind, &key]).await
}

async fn load_some(pool: &Pool, app: i64, account: &str, conversations: &[Conversation]) -> Result<Answer, Failure> {
    let (mut accounts, mut chat_groups) = (Vec::new(), Vec::new());
    for conversation in conversations {
        match conversation {
            Conversation::OneToOne(account) => accounts.push(account.as_str()),
            Conversation::ChatGroup(chat_group) => chat_groups.push(chat_group.as_str()),
        }
    }
    let of_account: [Parameter<'_>; 3] = [&app, &account, &kind::PIN_CHAT_GROUP];
    let one_to_one: [Parameter<'_>; 2] = [&kind::RECORD_ONE_TO_ONE, &accounts];
    let in_chat_groups: [Parameter<'_>; 2] = [&kind::RECORD_CHAT_GROUP, &chat_groups];
    match (accounts.is_empty(), chat_groups.is_empty()) {
        (true, true) => pool.read(&statements::LOAD, &of_account).await,
        (false, true) => pool.read(&statements::LOAD_SOME, &[&of_account[..], &one_to_one].concat()).await,
        (true, false) => pool.read(&statements::LOAD_SOME, &[&of_account[..], &in_chat_groups].concat()).await,
        (false, false) => {
            pool.read(&statements::LOAD_SOME_OF_BOTH, &[&of_account[..], &one_to_one, &in_chat_groups].concat()).await
        }
    }
}

pub(super) async fn commit(
    pool: &Pool,
    account: &AccountKey,
    base: Option<Version>,
    next: Version,
    changes: &Changes,
) -> Result<Commit, StoreError> {
    let base = base.map(|version| version.0.cast_signed());
    let (app, id) = (i64::from(account.app.0), account.account.as_str());
    match &changes.head {
        Some(head) => keep(pool, (app, id), base, next, (head, changes)).await,
        // Of an account that nothing is kept for there is nothing to delete; an account that came since conflicts.
        None => committed(pool.run(&statements::DELETE, &[&app, &id, &base]).await),
    }
}

async fn keep(
    pool: &Pool,
    (app, account): (i64, &str),
    base: Option<i64>,
    Version(next): Version,
    (head, changes): (&Head, &Changes),
) -> Result<Commit, StoreError> {
    let (written, removed) = rows::of_changes(changes);
    let next = next.cast_signed();
    let new_profile = Profile::default();
    let profile = changes.profile.as_ref().or(base.is_none().then_some(&new_profile));
    let (nick, face_url) = profile.map(|profile| (profile.nick.as_bytes(), profile.face_url.as_bytes())).unzip();
    let numbers = [head.last_change.0, head.newest.0, head.last_conversation_group_id, head.grouped, head.marked];
    let [last_change, newest, last_conversation_group, grouped, marked] = numbers.map(i64::from);
    let repeated = head.repeat.as_ref().map(rows::of_repeat);
    let mut parameters: Vec<Parameter<'_>> = vec![
        &app,
        &account,
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
    ];
    parameters.extend(base.as_ref().map(|base| base as Parameter<'_>));
    let shape = Shape { new: base.is_none(), writes: !written.kinds.is_empty(), removes: !removed.kinds.is_empty() };
    add_rows(&mut parameters, &removed, &written);
    committed(pool.run(statements::commit(shape), &parameters).await)
}

fn add_rows<'a>(parameters: &mut Vec<Parameter<'a>>, removed: &'a Removed, written: &'a Written) {
    if !removed.kinds.is_empty() {
        parameters.extend([&removed.kinds as Parameter<'_>, &removed.keys]);
    }
    if !written.kinds.is_empty() {
        let Written { kinds, keys, changes, changed_at, labels, standard, conversation_groups } = written;
        parameters.extend([kinds as Parameter<'_>, keys, changes, changed_at, labels, standard, conversation_groups]);
    }
}

pub(super) async fn imported(pool: &Pool, app: AppId, accounts: &[AccountId]) -> Result<Vec<bool>, StoreError> {
    let app = i64::from(app.0);
    let asked: Vec<_> = accounts.iter().map(AccountId::as_str).collect();
    let rows = pool.read(&statements::IMPORTED, &[&app, &asked, &kind::HEAD, &""]).await?.rows;
    let found = rows.iter().map(|row| rows::column(row, 0)).collect::<Result<std::collections::BTreeSet<&str>, _>>()?;
    Ok(asked.iter().map(|account| found.contains(account)).collect())
}

pub(super) async fn after(
    pool: &Pool,
    after: Option<&AccountKey>,
    count_max: usize,
) -> Result<Vec<AccountKey>, StoreError> {
    let (app, account) = after.map_or((-1, ""), |key| (i64::from(key.app.0), key.account.as_str()));
    let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
    let rows = pool.read(&statements::ACCOUNTS_AFTER, &[&app, &account, &count_max]).await?.rows;
    let key = |row| {
        let account = AccountId::parse(rows::column(row, 1)?).map_err(rows::not_an_id)?;
        Ok(AccountKey { app: AppId(rows::number(row, 0)?), account })
    };
    rows.iter().map(key).collect()
}
