//! A walk through all accounts in the order of their keys, page by page.
//!
//! A page is of one app. Where the rows between two pairs of app and account end, the database does not see in its index:
//! it reads on to the end of the app, so that a walk over n accounts would read n² rows. Between two accounts of one app it
//! reads what it gives.

use tokio_postgres::Row;

use super::columns::column;
use super::questions::Parameter;
use super::statements::{self, Statement};
use crate::StoreError;

/// App and account as the columns have them.
pub(super) type Place = (i64, String);

/// Before the first account.
pub(super) const START: (i64, &str) = (-1, "");
/// After the last account of an app: no id begins with this character.
const END: &str = "\u{10FFFF}";

/// What reads within one transaction.
pub(super) trait Reads {
    async fn read(&self, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError>;
}

/// Accounts of one app, with all rows from the first to the last of them: those that deleted accounts left behind too.
pub(super) struct Page {
    pub(super) app: i64,
    /// The account before the first one.
    pub(super) after: String,
    /// The last account, or what comes after all.
    pub(super) to: String,
    /// App, account and life of each account that is there, as [`statements::ACCOUNTS_AFTER`] reads them.
    pub(super) accounts: Vec<Row>,
}

/// The walk; it has come to a place, or to its end.
pub(super) struct Walk {
    at: Option<Place>,
    accounts_max: usize,
}

impl Walk {
    /// From after this place, so many accounts a page.
    pub(super) fn after((app, account): (i64, &str), accounts_max: usize) -> Self {
        Self { at: Some((app, account.to_owned())), accounts_max }
    }

    /// The next page; one without accounts is not the last for that.
    pub(super) async fn next(&mut self, database: &impl Reads) -> Result<Option<Page>, StoreError> {
        let Some((app, after)) = self.at.take() else { return Ok(None) };
        let count = i64::try_from(self.accounts_max).unwrap_or(i64::MAX);
        let mut accounts = database.read(&statements::ACCOUNTS_AFTER, &[&app, &after, &count]).await?;
        accounts.retain(|row| row.try_get(0).is_ok_and(|found: i64| found == app));
        let last = accounts.last().filter(|_| accounts.len() == self.accounts_max);
        let to = last.map_or(Ok(END), |row| column(row, 1))?.to_owned();
        self.at = match last {
            Some(_) => Some((app, to.clone())),
            None => next_app(database, app).await?.map(|app| (app, START.1.to_owned())),
        };
        Ok(Some(Page { app, after, to, accounts }))
    }
}

async fn next_app(database: &impl Reads, app: i64) -> Result<Option<i64>, StoreError> {
    let rows = database.read(&statements::APP_OF_ROWS_AFTER, &[&app]).await?;
    rows.first().map(|row| column(row, 0)).transpose()
}
