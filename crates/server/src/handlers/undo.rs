//! `undo`.

use pinfold_core::rules::{self, Entries};
use pinfold_core::{Draft, HistoryChange, Origin, Via};
use pinfold_wire::commands::Undo;
use pinfold_wire::pinfold::undo::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::changes::change;
use crate::parse;
use crate::rest::error::Failure;

impl Handle for Undo {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let revision = parse::revision("Revision", &request.revision)?;
        let ctx = call.context(account);
        let undo = |draft: &mut Draft<'_>, kept: Option<&HistoryChange>, entries: &Entries| {
            rules::undo(&ctx, draft, revision, kept, entries)
        };
        let origin = Origin { via: Via::Undo, ..call.origin.clone() };
        let updated = call.acting(&origin).undo(account, revision, call.now_ms, undo).await?;
        let made = updated.change.clone();
        call.committed(account, updated);
        Ok(Response { change: made.iter().map(|made| change(made)).collect() })
    }
}
