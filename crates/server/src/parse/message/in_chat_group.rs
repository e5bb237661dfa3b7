//! Messages in a chat group.

use pinfold_core::rules::{messages_per_import, time_of_message};
use pinfold_core::{AccountId, ChatGroupId, Limits, Refusal, Timestamp};
use pinfold_wire::Lenient;
use pinfold_wire::group::{import_group_msg, send_group_msg};

use super::{bits_32, body, no_numbers, random, renews, words};
use crate::parse::chat_groups::chat_group_id;
use crate::parse::conversation::element;
use crate::parse::fields::{account, elements, from_account, integer, list, not_a_number, optional_object, text};

/// A message that is sent now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GroupMessage {
    pub(crate) chat_group: ChatGroupId,
    /// `None` where the administrator sends it.
    pub(crate) from: Option<AccountId>,
    /// Whether the lists of recent conversations are renewed.
    pub(crate) renews: bool,
}

/// Messages that were sent before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImportedGroupMessages {
    pub(crate) chat_group: ChatGroupId,
    /// Whether the lists of recent conversations are renewed.
    pub(crate) renews: bool,
    /// The sender of each, and its time if that is one.
    pub(crate) messages: Vec<(AccountId, Option<Timestamp>)>,
}

/// The message of a call that sends one.
pub(crate) fn group_message(request: &send_group_msg::Request) -> Result<GroupMessage, Refusal> {
    not_a_number("From_Account", &request.from_account)?;
    no_numbers("an element of To_Account", &request.to_account)?;
    let chat_group = chat_group_id(&request.group_id)?;
    let from = from_account(&request.from_account).transpose()?;
    random("Random", &request.random)?;
    body(&request.msg_body)?;
    let renews = renews(&request.send_msg_control, &request.online_only_flag)?;
    unused(request)?;
    Ok(GroupMessage { chat_group, from, renews })
}

/// Checks the fields that are not used.
fn unused(request: &send_group_msg::Request) -> Result<(), Refusal> {
    text("MsgPriority", &request.msg_priority)?;
    words("ForbidCallbackControl", &request.forbid_callback_control)?;
    words("To_Account", &request.to_account)?;
    let named = elements("GroupAtInfo", &request.group_at_info)?;
    named.iter().try_for_each(|named| element("an element of GroupAtInfo", named).map(|_| ()))?;
    text("TopicId", &request.topic_id)?;
    text("CloudCustomData", &request.cloud_custom_data)?;
    optional_object("OfflinePushInfo", &request.offline_push_info)
}

/// The messages of a call that imports some.
pub(crate) fn imported_group_messages(
    limits: &Limits,
    request: &import_group_msg::Request,
    now: Timestamp,
) -> Result<ImportedGroupMessages, Refusal> {
    let messages = request.msg_list.given().map_or(&[][..], |messages| messages);
    messages.iter().filter_map(Lenient::given).try_for_each(|item| not_a_number("From_Account", &item.from_account))?;
    let chat_group = chat_group_id(&request.group_id)?;
    let renews = integer("RecentContactFlag", &request.recent_contact_flag)? == Some(1);
    text("TopicId", &request.topic_id)?;
    messages_per_import(limits, list("MsgList", &request.msg_list)?.count())?;
    let numbered = messages.iter().enumerate();
    let read = |(place, item)| imported_group_message(item, now).map_err(|refusal| in_msg_list(place, refusal));
    let messages = numbered.map(read).collect::<Result<_, _>>()?;
    Ok(ImportedGroupMessages { chat_group, renews, messages })
}

fn imported_group_message(
    item: &Lenient<import_group_msg::ImportedMessage>,
    now: Timestamp,
) -> Result<(AccountId, Option<Timestamp>), Refusal> {
    let item = element("it", item)?;
    let from = account("From_Account", &item.from_account)?;
    bits_32("Random", &item.random)?;
    body(&item.msg_body)?;
    Ok((from, item.send_time.given().and_then(|sent_at| time_of_message(Some(*sent_at), now).ok())))
}

/// Says which message of the list is refused.
pub(crate) fn in_msg_list(place: usize, refusal: Refusal) -> Refusal {
    Refusal::Malformed(format!("MsgList[{place}]: {refusal}"))
}
