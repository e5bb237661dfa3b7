//! `find_conversations`.

use pinfold_core::RecentView;
use pinfold_core::rules::{self, FoundConversation};
use pinfold_wire::commands::FindConversations;
use pinfold_wire::pinfold::find_conversations::{self as wire, Request, Response, cursor_text};
use pinfold_wire::recent_contact::{ConversationEcho, Record};

use super::answers::{group_items, record};
use super::{Call, FromAccount, Handle};
use crate::parse;
use crate::rest::error::Failure;

impl Handle for FindConversations {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let account = call.account()?;
        let policy = &call.app.policy;
        let query = parse::query(&request, &policy.limits)?;
        let recent = call.read_recent(account).await?;
        let state = &recent.loaded.state;
        let view = RecentView::new(policy, &state.pins, &recent.entries, &recent.activities, call.now);
        let page = rules::find_conversations(policy, &account.account, state, &view, &query)?;
        Ok(Response {
            conversation_item: page.conversations.iter().map(conversation_item).collect(),
            group_item: group_items(page.conversation_groups),
            complete_flag: u32::from(page.next.is_none()),
            cursor: page.next.map_or_else(String::new, |next| cursor_text(&next.to_bytes())),
        })
    }
}

fn conversation_item(found: &FoundConversation<'_>) -> wire::FoundConversation {
    let no_record = || {
        let ConversationEcho { kind, to_account, to_group_id } = parse::echo(found.conversation);
        Record { kind, to_account, to_group_id, ..Record::default() }
    };
    wire::FoundConversation {
        record: found.record.map_or_else(no_record, |kept| record(found.conversation, kept)),
        top_flag: u32::from(found.pinned),
        msg_time: found.at.map(|at| at.0),
    }
}
