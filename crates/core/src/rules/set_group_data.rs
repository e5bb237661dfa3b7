//! `set_group_data`: a text of the app's own on a conversation group.

use super::list_groups::{ListedGroup, listed};
use super::{Context, conversation_group_named, may_change_conversation_groups};
use crate::{Draft, GroupData, GroupName, Refusal};

/// Sets the data of a conversation group, or clears it; answers with the group as it is listed. Needs every record of
/// the account, to count what is in the group.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::EditionLacks`], [`Refusal::ConversationGroupUnknown`],
/// [`Refusal::NameLength`].
pub fn set_group_data(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    name: &GroupName,
    data: Option<&GroupData>,
) -> Result<ListedGroup, Refusal> {
    may_change_conversation_groups(ctx, draft)?;
    let id = conversation_group_named(ctx, draft, name)?;
    draft.set_group_data(id, data.cloned());
    let group = draft.conversation_groups().get(&id).map(|group| (id, group));
    let listed = listed(group.into_iter().collect(), &draft.base().records).pop();
    listed.ok_or_else(|| Refusal::ConversationGroupUnknown(name.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{ConversationGroupId, Edition, Event, GroupData, GroupName, Refusal};

    const WORK: ConversationGroupId = ConversationGroupId(1);

    #[test]
    fn data_stays_through_a_rename_and_the_empty_text_clears_it() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let listed = world.set_group_data("Work", "red").unwrap();
        assert_eq!((listed.id, listed.data.unwrap().as_str(), listed.conversations), (WORK, "red", 1));
        world.rename("Work", "Office").unwrap();
        assert_eq!(world.state.conversation_groups[&WORK].data.as_ref().unwrap().as_str(), "red");
        world.set_group_data("Office", "").unwrap();
        assert_eq!(world.state.conversation_groups[&WORK].data, None);
    }

    #[test]
    fn a_group_that_is_deleted_and_created_again_has_no_data() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.set_group_data("Work", "red").unwrap();
        world.delete("Work").unwrap();
        assert_eq!(world.create("Work", &[]).unwrap().id, ConversationGroupId(2));
        assert_eq!(world.state.conversation_groups[&ConversationGroupId(2)].data, None);
    }

    #[test]
    fn the_data_that_is_there_is_no_change_and_other_data_ends_a_repeat_and_renames_nothing() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.set_group_data("Work", "red").unwrap();
        world.rename("Work", "Office").unwrap();
        let before = world.state.clone();
        world.set_group_data("Office", "red").unwrap();
        assert_eq!(world.state, before);
        world.set_group_data("Office", "blue").unwrap();
        assert_eq!(world.state.head.repeat, None);
        let diff = crate::StateDiff {
            head: Some(world.state.head.clone()),
            conversation_groups: vec![(WORK, Some(world.state.conversation_groups[&WORK].clone()))],
            ..crate::StateDiff::default()
        };
        let changed = Event::GroupDataChanged {
            id: WORK,
            name: GroupName::stored("Office"),
            old_data: GroupData::stored("red"),
            data: GroupData::stored("blue"),
        };
        assert_eq!(Event::between(&before, &diff), [changed]);
    }

    #[test]
    fn an_unknown_group_and_the_standard_edition_are_refused() {
        let mut world = World::new();
        assert!(matches!(world.set_group_data("Work", "red"), Err(Refusal::ConversationGroupUnknown(_))));
        world.policy.edition = Edition::Standard;
        assert_eq!(world.set_group_data("Work", "red"), Err(Refusal::EditionLacks));
    }
}
