//! `import_group_msg`.

use pinfold_core::{Refusal, Timestamp, Touches, rules};
use pinfold_wire::Command;
use pinfold_wire::commands::ImportGroupMsg;
use pinfold_wire::group::import_group_msg::{ImportResult, Request, Response};

use super::{Call, FromAccount, Handle};
use crate::message_numbers::MessageNumbers;
use crate::parse::{self, ImportedGroupMessages};
use crate::rest::error::{Failure, refusal_code};

impl Handle for ImportGroupMsg {
    const SENDS_MESSAGES: bool = true;

    fn from_account(_: &Request) -> FromAccount<'_> {
        None
    }

    fn items(request: &Request) -> usize {
        parse::count(&request.msg_list)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let policy = &call.app.policy;
        let imported = parse::imported_group_messages(&policy.limits, &request, call.now)?;
        let statuses = call.messages().account_statuses(imported.messages.iter().map(|(from, _)| from)).await?;
        for (place, (from, _)) in imported.messages.iter().enumerate() {
            rules::sender_is_known(policy, &statuses, from).map_err(|refusal| parse::in_msg_list(place, refusal))?;
        }
        let registered = call.messages().chat_group(&imported.chat_group).await?;
        rules::takes_imports(policy, &imported.chat_group, registered.as_ref())?;
        call.messages().touch(&touches(&imported)).await?;
        let results = imported.messages.iter().map(|(_, at)| result(call.message_numbers, *at));
        Ok(Response { import_msg_result: results.collect() })
    }
}

/// The touches of the messages: the time of each; of several the store keeps the latest.
fn touches(imported: &ImportedGroupMessages) -> Touches {
    let mut touches = Touches::default();
    for (from, at) in imported.messages.iter().filter(|_| imported.renews) {
        if let Some(at) = at {
            touches.in_chat_group(&imported.chat_group, Some(from), *at);
        }
    }
    touches
}

fn result(numbers: &MessageNumbers, at: Option<Timestamp>) -> ImportResult {
    match at {
        Some(at) => ImportResult { msg_seq: numbers.next(), msg_time: at.0, result: 0 },
        None => {
            let refusal = Refusal::Malformed(String::new());
            let result = refusal_code(&refusal, Some(ImportGroupMsg::SERVICE)).number();
            ImportResult { result, ..ImportResult::default() }
        }
    }
}
