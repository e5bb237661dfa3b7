//! `importmsg`.

use std::slice;

use pinfold_core::{Touches, rules};
use pinfold_wire::commands::Importmsg;
use pinfold_wire::open_im::importmsg::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse::{self, Imported};
use crate::rest::error::Failure;

impl Handle for Importmsg {
    const SENDS_MESSAGES: bool = true;

    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let Imported { from, to, at } = parse::imported(&request, call.now)?;
        let policy = &call.app.policy;
        let statuses = call.messages().account_statuses([&from, &to]).await?;
        rules::sender_is_known(policy, &statuses, &from).map_err(parse::as_imported_sender)?;
        rules::known_receivers(policy, &statuses, slice::from_ref(&to))?;
        let mut touches = Touches::default();
        touches.one_to_one(&from, &to, at);
        touches.one_to_one(&to, &from, at);
        call.messages().touch(&touches).await?;
        Ok(Response {})
    }
}
