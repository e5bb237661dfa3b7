//! `get_list`.

use pinfold_core::RecentView;
use pinfold_core::rules::{self, Session, SessionList};
use pinfold_wire::commands::GetList;
use pinfold_wire::recent_contact::ConversationEcho;
use pinfold_wire::recent_contact::get_list::{Request, Response, SessionItem};

use super::answers::record;
use super::{Call, FromAccount, Handle};
use crate::parse::{self, echo};
use crate::rest::error::Failure;

/// Bit 4 of `AssistFlags`: pinned conversations come after the others.
const PINNED_LAST: i64 = 1 << 4;
/// Bit 5 of `AssistFlags`: each conversation is shown with its marks and conversation groups.
const WITH_RECORDS: i64 = 1 << 5;
const DEFAULT_FLAGS: i64 = 63;

impl Handle for GetList {
    fn from_account(request: &Request) -> FromAccount<'_> {
        Some(&request.from_account)
    }

    async fn handle(call: &Call<'_>, request: Request) -> Result<Response, Failure> {
        let flags = parse::integer("AssistFlags", &request.assist_flags);
        let (account, flags) = parse::both(call.account(), flags)?;
        let recent = call.read_recent(account).await?;
        let (policy, state) = (&call.app.policy, &recent.loaded.state);
        let view = RecentView::new(policy, &state.pins, &recent.entries, &recent.activities, call.now);
        let list = rules::session_list(policy, &account.account, state, &view)?;
        Ok(Response {
            session_item: session_items(&list, flags.unwrap_or(DEFAULT_FLAGS)),
            complete_flag: 1,
            time_stamp: call.now.0,
            top_time_stamp: call.now.0,
            ..Response::default()
        })
    }
}

fn session_items(list: &SessionList<'_>, flags: i64) -> Vec<SessionItem> {
    let (pinned_last, with_records) = (flags & PINNED_LAST != 0, flags & WITH_RECORDS != 0);
    let (ordinary, pinned) = ((&list.ordinary, 0), (&list.pinned, 1));
    let parts = if pinned_last { [ordinary, pinned] } else { [pinned, ordinary] };
    let mut items = Vec::with_capacity(list.ordinary.len() + list.pinned.len());
    for (sessions, top_flag) in parts {
        items.extend(sessions.iter().map(|session| session_item(session, top_flag, with_records)));
    }
    items
}

fn session_item(session: &Session<'_>, top_flag: u32, with_record: bool) -> SessionItem {
    let ConversationEcho { kind, to_account, to_group_id: group_id } = echo(session.conversation);
    let kept = session.record.filter(|_| with_record);
    let kept = kept.map(|kept| record(session.conversation, kept)).unwrap_or_default();
    SessionItem {
        kind,
        to_account,
        group_id,
        msg_time: session.at.0,
        top_flag,
        standard_mark: kept.standard_mark,
        custom_mark: kept.custom_mark,
        contact_group_id: kept.contact_group_id,
    }
}
