//! `sendmsg`.

use std::slice;

use pinfold_core::rules;
use pinfold_wire::commands::Sendmsg;
use pinfold_wire::open_im::sendmsg::{Request, Response};

use super::message::{msg_id, msg_key, touches};
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for Sendmsg {
    const SENDS_MESSAGES: bool = true;

    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let message = parse::sent(&request)?;
        let (from, policy) = (call.sender(message.from.clone()), &call.app.policy);
        let statuses = call.messages().account_statuses([&from, &message.to]).await?;
        rules::sender_is_known(policy, &statuses, &from)?;
        let (to, _) = rules::known_receivers(policy, &statuses, slice::from_ref(&message.to))?;
        call.messages().touch(&touches(&message, &from, &to, call.now)).await?;
        Ok(Response {
            msg_time: call.now.0,
            msg_key: msg_key(message.seq, message.random, call.now),
            msg_id: msg_id(call.app.id, &from, call.now, message.random),
        })
    }
}
