//! `del_contact_group`: the group goes, the marks of its conversations stay.

use super::{Context, conversation_group_named, may_change_conversation_groups};
use crate::{ConversationGroupId, Draft, Fingerprint, GroupName, Refusal, Repeat, RepeatedAnswer};

/// Deletes a conversation group and takes its conversations out of it, in the order of their last
/// change. Needs every record of the account. The same request bytes again, with no other change in
/// between, are answered as they were the first time.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::EditionLacks`], [`Refusal::ConversationGroupUnknown`].
pub fn delete_conversation_group(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    fingerprint: Fingerprint,
    name: &GroupName,
) -> Result<ConversationGroupId, Refusal> {
    may_change_conversation_groups(ctx, draft)?;
    if let Some(Repeat { fingerprint: latest, answer: RepeatedAnswer::Deleted(id) }) = draft.head().repeat
        && latest == fingerprint
    {
        return Ok(id);
    }
    let id = conversation_group_named(ctx, draft, name)?;
    let records = &draft.base().records;
    let mut inside: Vec<_> = records.iter().filter(|(_, record)| record.arrangement.is_in(id)).collect();
    inside.sort_by_key(|(_, record)| record.change);
    for (conversation, record) in inside {
        draft.arrange(conversation, record.arrangement.without_conversation_group(id));
    }
    draft.remove_conversation_group(id);
    draft.may_be_repeated(Repeat { fingerprint, answer: RepeatedAnswer::Deleted(id) });
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{ConversationGroupId, Refusal, Timestamp};

    #[test]
    fn records_with_nothing_else_disappear_and_free_their_places() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        assert_eq!(world.delete("Work"), Ok(ConversationGroupId(1)));
        assert!(world.state.records.is_empty());
        assert_eq!(world.state.head.grouped, 0);
    }

    #[test]
    fn marks_stay_and_their_record_is_renewed() {
        let mut world = World::new();
        world.create("Work", &[one("bob"), one("carol")]).unwrap();
        world.set_marks(one("carol"), 1).unwrap();
        world.set_marks(one("bob"), 1).unwrap();
        world.now += 50;
        world.delete("Work").unwrap();
        let (bob, carol) = (&world.state.records[&one("bob")], &world.state.records[&one("carol")]);
        assert_eq!(bob.changed_at, Timestamp(world.now));
        assert!(carol.change < bob.change && carol.change.0 > 4);
        assert_eq!(world.state.head.marked, 2);
    }

    #[test]
    fn conversations_of_other_groups_stay_untouched() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        world.create("Home", &[one("amy")]).unwrap();
        let amy = world.state.records[&one("amy")].clone();
        world.delete("Work").unwrap();
        assert_eq!(world.state.records[&one("amy")], amy);
        assert_eq!(world.state.conversation_groups.len(), 1);
    }

    #[test]
    fn the_same_bytes_again_are_answered_as_the_first_time() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        world.delete("Work").unwrap();
        assert_eq!(world.delete("Work"), Ok(ConversationGroupId(1)));
        world.create("Home", &[]).unwrap();
        assert!(matches!(world.delete("Work"), Err(Refusal::ConversationGroupUnknown(_))));
    }
}
