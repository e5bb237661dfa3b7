//! The rules: pure functions, with the tests that say what they do. Those of chat groups share a file, and so do those of
//! accounts.

mod arranged_by;
mod changes;
mod chat_group_page;
mod chat_groups;
mod create_conversation_group;
mod delete_conversation;
mod delete_conversation_group;
mod find_conversations;
mod list_groups;
mod mark;
mod message;
mod order_groups;
mod order_pins;
mod page;
mod pin;
mod registration;
mod rename_conversation_group;
mod search;
mod session_list;
mod set_group_data;
mod undo;
mod update_members;

pub use arranged_by::{Signer, arranged_by};
pub use changes::{ChangesQuery, changes_page};
pub use chat_group_page::ChatGroupPage;
pub use chat_groups::{
    NewChatGroup, assigned_id, chat_group_name_fits, chat_group_was_created, chat_group_was_destroyed,
    chat_groups_per_call, create_chat_group, destroy_chat_group, import_chat_group, live_chat_group,
};
pub use create_conversation_group::{CreatedConversationGroup, create_conversation_group};
pub use delete_conversation::delete_conversation;
pub use delete_conversation_group::delete_conversation_group;
pub use find_conversations::{
    ConversationKind, Cursor, Filter, FoundConversation, FoundPage, GroupFilter, Query, Sort, find_conversations,
    find_page,
};
pub use list_groups::{ListedGroup, list_groups};
pub use mark::{MarkChange, StandardChange, mark};
pub use message::{
    BadTime, known_receivers, messages_per_import, receivers_per_message, sender_is_known, takes_imports,
    takes_messages, time_of_message,
};
pub use order_groups::order_groups;
pub use order_pins::order_pins;
pub use page::{Page, page};
pub use pin::{PinOperation, pin};
pub use registration::{accounts_per_call, delete_account, face_url_fits, import_account, nick_fits};
pub use rename_conversation_group::rename_conversation_group;
pub use search::{Found, search};
pub use session_list::{Session, SessionList, session_list};
pub use set_group_data::set_group_data;
pub use undo::{Entries, undo};
pub use update_members::{MemberChange, MemberOperation, update_members};

use std::collections::BTreeMap;

use crate::{
    AccountId, AccountState, AppPolicy, ConversationGroup, ConversationGroupId, Draft, Edition, GroupName, OrdMap,
    Record, Refusal,
};

/// One result for each item of a call, in the order of the request.
pub type ItemResults = Vec<Result<(), Refusal>>;

/// What a call is about and what it is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The app's edition and limits, and whether ids must be registered.
    pub policy: &'a AppPolicy,
    /// `From_Account`.
    pub account: &'a AccountId,
}

/// Refuses a call for an account that is not imported.
///
/// # Errors
/// [`Refusal::AccountNotImported`].
pub fn account_is_known(policy: &AppPolicy, account: &AccountId, state: &AccountState) -> Result<(), Refusal> {
    if policy.knows_account(account, state.head.imported) {
        Ok(())
    } else {
        Err(Refusal::AccountNotImported(account.clone()))
    }
}

/// Refuses a change of conversation groups or standard marks to an app that did not buy them.
fn edition_has_conversation_groups_and_standard_marks(policy: &AppPolicy) -> Result<(), Refusal> {
    match policy.edition {
        Edition::Standard => Err(Refusal::EditionLacks),
        Edition::Pro | Edition::ProPlus | Edition::Enterprise => Ok(()),
    }
}

/// Refuses a call that names too many conversations, or too few.
fn conversations_per_call(given: usize, min: usize, max: usize) -> Result<(), Refusal> {
    if (min..=max).contains(&given) { Ok(()) } else { Err(Refusal::ConversationsPerCall { given, min, max }) }
}

/// The conversation group of this name in a draft.
fn conversation_group_named(
    ctx: &Context<'_>,
    draft: &Draft<'_>,
    name: &GroupName,
) -> Result<ConversationGroupId, Refusal> {
    conversation_group_of_name(ctx.policy, draft.conversation_groups(), name)
}

/// The conversation group of this name. A name over the limit is refused as such, unless a group has it from
/// a time when the limit was higher.
fn conversation_group_of_name(
    policy: &AppPolicy,
    groups: &OrdMap<ConversationGroupId, ConversationGroup>,
    name: &GroupName,
) -> Result<ConversationGroupId, Refusal> {
    let found = groups.iter().find(|(_, group)| group.name == *name);
    found.map_or_else(
        || name.fits(&policy.limits).and(Err(Refusal::ConversationGroupUnknown(name.clone()))),
        |(id, _)| Ok(*id),
    )
}

/// The conversation groups that records refer to.
fn referred_to<'a>(
    state: &'a AccountState,
    records: impl IntoIterator<Item = &'a Record>,
) -> BTreeMap<ConversationGroupId, &'a GroupName> {
    let ids = records.into_iter().flat_map(|record| &record.arrangement.conversation_groups);
    ids.filter_map(|id| Some((*id, &state.conversation_groups.get(id)?.name))).collect()
}

/// What comes before every change of conversation groups.
fn may_change_conversation_groups(ctx: &Context<'_>, draft: &Draft<'_>) -> Result<(), Refusal> {
    account_is_known(ctx.policy, ctx.account, draft.base())?;
    edition_has_conversation_groups_and_standard_marks(ctx.policy)
}

#[cfg(test)]
pub(crate) mod testing;
