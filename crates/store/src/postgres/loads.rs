//! What a load asks of the database, and what it makes of the answer.

use std::sync::Arc;

use pinfold_core::Conversation;

use super::answer::Answer;
use super::cache::{AccountCache, Cached, Whole};
use super::questions::Question;
use super::rows;
use super::statements::{self, Statement, kind};
use crate::{AccountKey, Durability, Loaded, Scope, StoreError};

/// A load on its way: what its answer is compared with.
pub(super) struct Load<'a> {
    account: &'a AccountKey,
    copy: Option<Whole>,
    /// Whether every record is asked for.
    whole: bool,
}

impl<'a> Load<'a> {
    /// What the database has now.
    pub(super) fn begin(cache: &AccountCache, account: &'a AccountKey, scope: &'a Scope) -> (Self, Question<'a>) {
        let load = |copy, whole| Self { account, copy, whole };
        match (cache.get(account), scope) {
            (Some(Cached::Whole(copy)), _) => {
                let whole = *scope != Scope::Head;
                let question = newer(account, &copy, whole);
                (load(Some(copy), whole), question)
            }
            (_, Scope::All) | (Some(Cached::Small), Scope::Conversations(_)) => (load(None, true), all(account)),
            (_, Scope::Head) => (load(None, false), head(account)),
            (None, Scope::Conversations(conversations)) => (load(None, false), some(account, conversations)),
        }
    }

    /// What a change may begin from, which needs no question if a copy is likely to be the newest.
    pub(super) fn begin_latest(
        cache: &AccountCache,
        account: &'a AccountKey,
        scope: &'a Scope,
    ) -> (Self, Option<Question<'a>>) {
        if let Some(copy) = cache.likely(account) {
            return (Self { account, copy: Some(copy), whole: true }, None);
        }
        let (load, question) = Self::begin(cache, account, scope);
        (load, Some(question))
    }

    /// What the answer says, of which a copy is kept; the copy if nothing was asked.
    pub(super) fn end(self, cache: &AccountCache, answer: Option<&Answer>) -> Result<Loaded, StoreError> {
        let Some(answer) = answer else {
            let copy = self.copy.ok_or_else(|| StoreError::Failed("a load was not answered".into()))?;
            // It is durable, but perhaps not the newest: a caller that answers with it has to check.
            return Ok(Loaded { version: Some(copy.version), state: copy.state, durability: Durability::pending() });
        };
        let (version, state) = rows::decode(&answer.rows)?;
        let durable = |state| Loaded { version, state, durability: Durability::durable() };
        if let Some(copy) = self.copy.filter(|copy| version == Some(copy.version)) {
            cache.confirmed(self.account, &copy);
            return Ok(durable(copy.state));
        }
        let state = Arc::new(state);
        cache.loaded(self.account, version, &state, self.whole);
        Ok(durable(state))
    }
}

fn of<'a>(statement: &'static Statement, account: &'a AccountKey) -> Question<'a> {
    Question::of(statement).with(i64::from(account.app.0)).with(account.account.as_str())
}

fn all(account: &AccountKey) -> Question<'_> {
    of(&statements::LOAD, account).with(kind::RECORD_CHAT_GROUP)
}

fn head(account: &AccountKey) -> Question<'_> {
    of(&statements::LOAD, account).with(kind::PIN_CHAT_GROUP)
}

/// The head only, if it has the copy's version.
fn newer<'a>(account: &'a AccountKey, copy: &Whole, whole: bool) -> Question<'a> {
    let last = if whole { kind::RECORD_CHAT_GROUP } else { kind::PIN_CHAT_GROUP };
    let question = of(&statements::LOAD_NEWER, account);
    let question = question.with(i64::from(account.app.0)).with(account.account.as_str());
    question.with(kind::HEAD).with("").with(copy.version.number.cast_signed()).with(last)
}

fn some<'a>(account: &'a AccountKey, conversations: &'a [Conversation]) -> Question<'a> {
    let (mut accounts, mut chat_groups) = (Vec::new(), Vec::new());
    for conversation in conversations {
        match conversation {
            Conversation::OneToOne(account) => accounts.push(account.as_str()),
            Conversation::ChatGroup(chat_group) => chat_groups.push(chat_group.as_str()),
        }
    }
    match (accounts.is_empty(), chat_groups.is_empty()) {
        (true, true) => head(account),
        (false, true) => of_kind(account, kind::RECORD_ONE_TO_ONE, accounts),
        (true, false) => of_kind(account, kind::RECORD_CHAT_GROUP, chat_groups),
        (false, false) => {
            let question = of(&statements::LOAD_SOME_OF_BOTH, account).with(kind::PIN_CHAT_GROUP);
            let question = question.with(kind::RECORD_ONE_TO_ONE).with(accounts);
            question.with(kind::RECORD_CHAT_GROUP).with(chat_groups)
        }
    }
}

/// With the records of one kind that have these keys, of which there is at least one.
fn of_kind<'a>(account: &'a AccountKey, kind: i16, keys: Vec<&'a str>) -> Question<'a> {
    let begin = |statement| of(statement, account).with(kind::PIN_CHAT_GROUP);
    let again = || i64::from(account.app.0);
    match &keys[..] {
        [one] => begin(&statements::LOAD_ONE).with(again()).with(kind).with(*one),
        few if few.len() <= statements::FEW_KEYS => {
            let question = begin(&statements::LOAD_FEW).with(again()).with(kind);
            filled(few.iter().copied(), statements::FEW_KEYS).fold(question, Question::with)
        }
        _ => begin(&statements::LOAD_SOME).with(kind).with(keys),
    }
}

/// These many texts, the last one again and again.
pub(super) fn filled<'a>(texts: impl Iterator<Item = &'a str> + Clone, count: usize) -> impl Iterator<Item = &'a str> {
    let last = texts.clone().last().unwrap_or_default();
    texts.chain(std::iter::repeat(last)).take(count)
}
