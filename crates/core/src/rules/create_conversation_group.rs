//! `create_contact_group`: a conversation group with its first conversations.

use super::{
    Context, ItemResults, conversations_per_call, may_change_conversation_groups, update_members::add_conversation,
};
use crate::{Conversation, ConversationGroupId, Draft, GroupName, Refusal};

/// What `create_contact_group` is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedConversationGroup {
    /// Number of the group, new or found.
    pub id: ConversationGroupId,
    /// Result of each conversation.
    pub results: ItemResults,
}

/// Creates a conversation group, or finds the one of this name, and adds the conversations to it.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::EditionLacks`], [`Refusal::ConversationsPerCall`],
/// [`Refusal::ConversationGroupsFull`]; for an item what [`super::update_members`] says.
pub fn create_conversation_group(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    name: &GroupName,
    items: &[Result<Conversation, Refusal>],
) -> Result<CreatedConversationGroup, Refusal> {
    may_change_conversation_groups(ctx, draft)?;
    conversations_per_call(items.len(), 0, ctx.policy.limits.conversations_per_create_max)?;
    let id = match draft.conversation_group_named(name) {
        Some(id) => id,
        None => create(ctx, draft, name)?,
    };
    let add = |item: &Result<Conversation, Refusal>| add_conversation(ctx, draft, id, item.as_ref());
    Ok(CreatedConversationGroup { id, results: items.iter().map(add).collect() })
}

fn create(ctx: &Context<'_>, draft: &mut Draft<'_>, name: &GroupName) -> Result<ConversationGroupId, Refusal> {
    name.fits(&ctx.policy.limits)?;
    let max = ctx.policy.limits.conversation_groups_max;
    if draft.conversation_groups().len() >= max {
        return Err(Refusal::ConversationGroupsFull { max });
    }
    draft.create_conversation_group(name)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{ConversationGroupId, Counted, Edition, Refusal};

    #[test]
    fn groups_are_numbered_from_1_and_a_number_is_never_used_again() {
        let mut world = World::new();
        assert_eq!(world.create("Work", &[]).unwrap().id, ConversationGroupId(1));
        world.delete("Work").unwrap();
        assert_eq!(world.create("Work", &[]).unwrap().id, ConversationGroupId(2));
    }

    #[test]
    fn a_name_that_exists_succeeds_with_its_number_and_adds_the_conversations() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let again = world.create("Work", &[one("bob"), one("carol")]).unwrap();
        assert_eq!((again.id, again.results), (ConversationGroupId(1), vec![Ok(()), Ok(())]));
        assert_eq!(world.state.head.grouped, 2);
    }

    #[test]
    fn a_name_that_exists_does_not_count_against_the_limit_of_groups() {
        let mut world = World::new();
        world.policy.limits.conversation_groups_max = 1;
        world.create("Work", &[]).unwrap();
        assert!(world.create("Work", &[one("bob")]).is_ok());
        assert_eq!(world.create("Home", &[]), Err(Refusal::ConversationGroupsFull { max: 1 }));
    }

    #[test]
    fn a_name_over_the_limit_is_refused_unless_a_group_has_it_already() {
        let mut world = World::new();
        world.create("a long name", &[]).unwrap();
        world.policy.limits.name_bytes_max = 4;
        assert!(world.create("a long name", &[one("bob")]).is_ok());
        assert_eq!(world.create("b long name", &[]), Err(Refusal::NameLength { bytes: 11, bytes_max: 4 }));
    }

    #[test]
    fn an_unknown_chat_group_is_refused_and_the_other_conversations_are_added() {
        let mut world = World::new();
        let created = world.create("Work", &[one("bob"), chat_group("gone")]).unwrap();
        assert!(matches!(created.results[..], [Ok(()), Err(Refusal::ChatGroupUnknown(_))]));
        assert_eq!(world.state.records.len(), 1);
    }

    #[test]
    fn the_conversation_after_the_last_that_fits_is_refused_alone() {
        let mut world = World::new();
        world.policy.limits.grouped_conversations_max = 1;
        let created = world.create("Work", &[one("bob"), one("carol"), one("bob")]).unwrap();
        let full = Err(Refusal::ConversationsFull { counted: Counted::Grouped, max: 1 });
        assert_eq!(created.results, [Ok(()), full, Ok(())]);
    }

    #[test]
    fn a_call_with_too_many_conversations_changes_nothing() {
        let mut world = World::new();
        world.policy.limits.conversations_per_create_max = 1;
        let refusal = Refusal::ConversationsPerCall { given: 2, min: 0, max: 1 };
        assert_eq!(world.create("Work", &[one("bob"), one("carol")]), Err(refusal));
        assert!(world.state.conversation_groups.is_empty());
    }

    #[test]
    fn the_standard_edition_has_no_conversation_groups() {
        let mut world = World::new();
        world.policy.edition = Edition::Standard;
        assert_eq!(world.create("Work", &[]), Err(Refusal::EditionLacks));
    }

    #[test]
    fn an_account_that_is_not_imported_is_refused_before_anything_else() {
        let mut world = World::new();
        world.state.head.imported = false;
        world.policy.edition = Edition::Standard;
        assert!(matches!(world.create("Work", &[]), Err(Refusal::AccountNotImported(_))));
    }
}
