//! Pieces of answers that several commands share.

use pinfold_core::rules::{self, ItemResults};
use pinfold_core::{Conversation, ConversationGroupId, GroupData, GroupName, Record, Refusal};
use pinfold_wire::Service;
use pinfold_wire::pinfold::list_groups::ListedGroup;
use pinfold_wire::recent_contact::{self as wire, ConversationEcho, GroupItem};
use smol_str::SmolStr;

use crate::parse::{Echo, echo};
use crate::rest::error::refusal_code;

/// The result of one item of a `recentcontact` call.
pub(super) struct ItemAnswer {
    pub(super) operation: u32,
    pub(super) contact_item: ConversationEcho,
    pub(super) result_code: u32,
    pub(super) result_info: String,
}

/// The results of items, in the order of the request.
pub(super) fn item_answers(echoes: Vec<Echo>, results: ItemResults) -> impl Iterator<Item = ItemAnswer> {
    echoes.into_iter().zip(results).map(|(Echo { conversation, operation }, result)| {
        let (result_code, result_info) = result_in(Service::RecentContact, &result);
        ItemAnswer { operation, contact_item: conversation, result_code, result_info }
    })
}

/// `ResultCode` and `ResultInfo`.
pub(super) fn result_in<T>(service: Service, result: &Result<T, Refusal>) -> (u32, String) {
    match result {
        Ok(_) => (0, String::new()),
        Err(refusal) => (refusal_code(refusal, Some(service)).number(), refusal.to_string()),
    }
}

/// A record as answers show it.
pub(super) fn record(conversation: &Conversation, record: &Record) -> wire::Record {
    let ConversationEcho { kind, to_account, to_group_id } = echo(conversation);
    let kept = &record.arrangement;
    wire::Record {
        kind,
        to_account,
        to_group_id,
        standard_mark: kept.standard.text(),
        custom_mark: kept.custom.as_ref().map_or_else(SmolStr::default, |mark| mark.as_str().into()),
        contact_group_id: kept.conversation_groups.iter().map(|id| id.0).collect(),
        timestamp: record.changed_at.0,
    }
}

/// A conversation group as answers show it.
pub(super) fn group_item(id: ConversationGroupId, name: &GroupName) -> GroupItem {
    GroupItem { group_name: name.as_str().to_owned(), group_id: id.0 }
}

/// Conversation groups, in this order.
pub(super) fn group_items<'a>(
    groups: impl IntoIterator<Item = (ConversationGroupId, &'a GroupName)>,
) -> Vec<GroupItem> {
    groups.into_iter().map(|(id, name)| group_item(id, name)).collect()
}

/// Conversation groups with what is in them, in this order.
pub(super) fn listed_groups(groups: impl IntoIterator<Item = rules::ListedGroup>) -> Vec<ListedGroup> {
    let item = |group: rules::ListedGroup| ListedGroup {
        group_name: group.name.as_str().to_owned(),
        group_id: group.id.0,
        count: u32::try_from(group.conversations).unwrap_or(u32::MAX),
        data: group.data.as_ref().map_or("", GroupData::as_str).to_owned(),
    };
    groups.into_iter().map(item).collect()
}
