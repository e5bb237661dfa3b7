//! `update_contact_group` with `UpdateGroupType` 2: conversations into a group and out of it.

use super::{Context, ItemResults, conversation_group_named, conversations_per_call, may_change_conversation_groups};
use crate::{Conversation, ConversationGroupId, Counted, Draft, GroupName, Refusal};

/// Into the group or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberOperation {
    /// `ContactOptType` 1.
    Add,
    /// `ContactOptType` 2.
    Remove,
}

/// One item of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// Into the group or out of it.
    pub operation: MemberOperation,
    /// Which conversation.
    pub conversation: Conversation,
}

/// Adds conversations to a group and removes them, in order. A group that loses its last one stays.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::EditionLacks`], [`Refusal::ConversationsPerCall`],
/// [`Refusal::ConversationGroupUnknown`]. For an item: its own refusal, an unknown peer, or
/// [`Refusal::ConversationsFull`].
pub fn update_members(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    name: &GroupName,
    items: &[Result<MemberChange, Refusal>],
) -> Result<(ConversationGroupId, ItemResults), Refusal> {
    may_change_conversation_groups(ctx, draft)?;
    conversations_per_call(items.len(), 1, ctx.policy.limits.conversations_per_update_max)?;
    let id = conversation_group_named(ctx, draft, name)?;
    Ok((id, items.iter().map(|item| apply(ctx, draft, id, item)).collect()))
}

fn apply(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    id: ConversationGroupId,
    item: &Result<MemberChange, Refusal>,
) -> Result<(), Refusal> {
    let MemberChange { operation, conversation } = item.as_ref().map_err(Clone::clone)?;
    match operation {
        MemberOperation::Add => add_conversation(ctx, draft, id, Ok(conversation)),
        MemberOperation::Remove => {
            draft.arrange(conversation, draft.arrangement(conversation).without_conversation_group(id));
            Ok(())
        }
    }
}

/// Puts a conversation into a group. One that is inside already needs neither peer nor place.
pub(super) fn add_conversation(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    id: ConversationGroupId,
    item: Result<&Conversation, &Refusal>,
) -> Result<(), Refusal> {
    let conversation = item.map_err(Clone::clone)?;
    let before = draft.arrangement(conversation);
    if before.is_in(id) {
        return Ok(());
    }
    draft.check_peer(ctx.policy, conversation)?;
    let max = ctx.policy.limits.grouped_conversations_max;
    if !before.is_grouped() && draft.head().grouped as usize >= max {
        return Err(Refusal::ConversationsFull { counted: Counted::Grouped, max });
    }
    draft.arrange(conversation, before.with_conversation_group(id));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::MemberOperation::{Add, Remove};
    use crate::{ChangeNumber, Counted, Refusal};

    #[test]
    fn adding_what_is_inside_and_removing_what_is_not_succeed_without_a_change() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let before = world.state.clone();
        assert_eq!(world.update("Work", &[(Add, one("bob")), (Remove, one("carol"))]), Ok(vec![Ok(()), Ok(())]));
        assert_eq!(world.state, before);
    }

    #[test]
    fn items_are_applied_in_order() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.update("Work", &[(Remove, one("bob")), (Add, one("bob"))]).unwrap().into_iter().for_each(Result::unwrap);
        assert_eq!(world.state.head.grouped, 1);
    }

    #[test]
    fn added_and_removed_again_in_one_call_is_no_change() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        let before = world.state.clone();
        world.update("Work", &[(Add, one("bob")), (Remove, one("bob"))]).unwrap();
        assert_eq!(world.state, before);
    }

    #[test]
    fn a_conversation_that_leaves_its_last_group_frees_its_place() {
        let mut world = World::new();
        world.policy.limits.grouped_conversations_max = 1;
        world.create("Work", &[one("bob")]).unwrap();
        let results = world.update("Work", &[(Add, one("carol")), (Remove, one("bob")), (Add, one("carol"))]).unwrap();
        let full = Err(Refusal::ConversationsFull { counted: Counted::Grouped, max: 1 });
        assert_eq!(results, [full, Ok(()), Ok(())]);
        assert!(world.state.records.contains_key(&one("carol")) && world.state.records.len() == 1);
    }

    #[test]
    fn a_conversation_in_two_groups_is_counted_once() {
        let mut world = World::new();
        world.policy.limits.grouped_conversations_max = 1;
        world.create("Work", &[one("bob")]).unwrap();
        assert_eq!(world.create("Home", &[one("bob")]).unwrap().results, [Ok(())]);
        assert_eq!(world.state.head.grouped, 1);
    }

    #[test]
    fn removing_asks_no_register() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        world.unknown(one("bob"));
        let results = world.update("Work", &[(Add, one("bob")), (Remove, one("bob")), (Add, one("bob"))]).unwrap();
        assert!(matches!(results[..], [Ok(()), Ok(()), Err(Refusal::PeerNotImported(_))]));
    }

    #[test]
    fn a_group_that_loses_its_last_conversation_stays() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        world.update("Work", &[(Remove, one("bob"))]).unwrap();
        assert_eq!((world.state.conversation_groups.len(), world.state.records.len()), (1, 0));
    }

    #[test]
    fn each_record_of_a_call_gets_its_own_change_number_in_the_order_of_the_items() {
        let mut world = World::new();
        world.create("Work", &[one("zoe"), one("amy")]).unwrap();
        assert_eq!(world.state.records[&one("zoe")].change, ChangeNumber(1));
        assert_eq!(world.state.records[&one("amy")].change, ChangeNumber(2));
    }

    #[test]
    fn an_unknown_group_and_a_call_without_conversations_are_refused() {
        let mut world = World::new();
        assert!(matches!(world.update("Work", &[(Add, one("bob"))]), Err(Refusal::ConversationGroupUnknown(_))));
        world.create("Work", &[]).unwrap();
        assert_eq!(world.update("Work", &[]), Err(Refusal::ConversationsPerCall { given: 0, min: 1, max: 100 }));
    }
}
