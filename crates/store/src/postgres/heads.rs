//! Heads of some accounts: what is asked about accounts that a call only names.

use std::collections::BTreeMap;

use pinfold_core::{AccountId, AppId};

use super::answer::Answer;
use super::columns::column;
use super::questions::Question;
use super::statements::{self, kind};
use super::{loads, rows};
use crate::{Life, StoreError};

/// What a head says of its account.
#[derive(Clone, Copy)]
pub(super) struct KnownAccount {
    pub(super) imported: bool,
    pub(super) life: Life,
}

/// Asks about at least one account.
pub(super) fn question<'a>(app: AppId, accounts: &[&'a AccountId]) -> Question<'a> {
    let (app, asked) = (i64::from(app.0), accounts.iter().map(|account| account.as_str()));
    if accounts.len() <= statements::FEW_ACCOUNTS {
        let question = Question::of(&statements::HEADS_FEW).with(app);
        return loads::filled(asked, statements::FEW_ACCOUNTS).fold(question, Question::with);
    }
    Question::of(&statements::HEADS).with(app).with(asked.collect::<Vec<_>>())
}

/// The same where the answer decides what is written: a question for each account, unless there are many.
pub(super) fn questions<'a>(app: AppId, accounts: &[&'a AccountId]) -> Vec<Question<'a>> {
    if accounts.len() > statements::FEW_ACCOUNTS {
        return vec![question(app, accounts)];
    }
    let of = |account: &&'a AccountId| Question::of(&statements::HEAD).with(i64::from(app.0)).with(account.as_str());
    accounts.iter().map(|account| of(account).with(kind::HEAD).with("")).collect()
}

/// The accounts that are there, by their ids.
pub(super) fn found<'a>(
    answers: impl IntoIterator<Item = &'a Answer>,
) -> Result<BTreeMap<&'a str, KnownAccount>, StoreError> {
    let rows = answers.into_iter().flat_map(|answer| &answer.rows);
    rows.map(|row| {
        let known = KnownAccount { imported: column(row, 1)?, life: rows::to_life(row, 2)? };
        Ok((column(row, 0)?, known))
    })
    .collect()
}
