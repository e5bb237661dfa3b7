//! `batchsendmsg`.

use std::iter;

use pinfold_core::{AccountId, Refusal, rules};
use pinfold_wire::Command;
use pinfold_wire::commands::Batchsendmsg;
use pinfold_wire::envelope::Status;
use pinfold_wire::open_im::batchsendmsg::{ReceiverError, Request, Response};

use super::message::{msg_key, touches};
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::{Failure, refusal_code};

impl Handle for Batchsendmsg {
    const SENDS_MESSAGES: bool = true;

    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.to_account)
    }

    fn status(response: &Response) -> Status {
        if response.error_list.is_empty() { Status::Ok } else { Status::SomeError }
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let policy = &call.app.policy;
        let message = parse::batch(&policy.limits, &request)?;
        let from = call.sender(message.from.clone());
        let statuses = call.messages().account_statuses(iter::once(&from).chain(&message.to)).await?;
        rules::sender_is_known(policy, &statuses, &from).map_err(parse::as_sender)?;
        let (known, unknown) = rules::known_receivers(policy, &statuses, &message.to)?;
        call.messages().touch(&touches(&message, &from, &known, call.now)).await?;
        let msg_key = msg_key(message.seq, message.random, call.now);
        Ok(Response { msg_key, error_list: unknown.into_iter().map(receiver_error).collect() })
    }
}

fn receiver_error(receiver: &AccountId) -> ReceiverError {
    let refusal = Refusal::AccountUnknown(receiver.clone());
    let error_code = refusal_code(&refusal, Some(Batchsendmsg::SERVICE)).number();
    ReceiverError { to_account: receiver.as_str().to_owned(), error_code }
}
