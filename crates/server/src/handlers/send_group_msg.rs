//! `send_group_msg`.

use pinfold_core::{Touches, rules};
use pinfold_wire::commands::SendGroupMsg;
use pinfold_wire::group::send_group_msg::{Request, Response};

use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for SendGroupMsg {
    const SENDS_MESSAGES: bool = true;

    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let message = parse::group_message(&request)?;
        let (from, policy) = (call.sender(message.from), &call.app.policy);
        rules::sender_is_known(policy, &call.messages().account_statuses([&from]).await?, &from)?;
        let registered = call.messages().chat_group(&message.chat_group).await?;
        rules::takes_messages(policy, &message.chat_group, registered.as_ref())?;
        let mut touches = Touches::default();
        if message.renews {
            touches.in_chat_group(&message.chat_group, Some(&from), call.now);
        }
        call.messages().touch(&touches).await?;
        Ok(Response { msg_time: call.now.0, msg_seq: call.message_numbers.next() })
    }
}
