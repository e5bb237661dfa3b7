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
    Question::of(&statements::HEADS).with(app).with(asked.collect::<Vec<_>>()).with(kind::HEAD).with("")
}

/// The accounts that are there, by their ids.
pub(super) fn found(answer: Option<&Answer>) -> Result<BTreeMap<&str, KnownAccount>, StoreError> {
    let rows = answer.into_iter().flat_map(|answer| &answer.rows);
    rows.map(|row| {
        let known = KnownAccount { imported: column(row, 1)?, life: rows::to_life(row, 2)? };
        Ok((column(row, 0)?, known))
    })
    .collect()
}
