//! `update_contact_group` with `UpdateGroupType` 1: another name, the same number.

use super::{Context, conversation_group_named, may_change_conversation_groups};
use crate::{ConversationGroupId, Draft, Fingerprint, GroupName, Refusal, Repeat, RepeatedAnswer};

/// Renames a conversation group. To itself succeeds and changes nothing. The same request bytes
/// again, with no other change in between, are answered as they were the first time.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::EditionLacks`], [`Refusal::ConversationGroupUnknown`],
/// [`Refusal::NameTaken`] for the name of another group.
pub fn rename_conversation_group(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    fingerprint: Fingerprint,
    old: &GroupName,
    new: &GroupName,
) -> Result<ConversationGroupId, Refusal> {
    may_change_conversation_groups(ctx, draft)?;
    if let Some(Repeat { fingerprint: latest, answer: RepeatedAnswer::Renamed(id) }) = draft.head().repeat
        && latest == fingerprint
    {
        return Ok(id);
    }
    let id = conversation_group_named(ctx, draft, old)?;
    if draft.conversation_group_named(new).is_some_and(|other| other != id) {
        return Err(Refusal::NameTaken(new.clone()));
    }
    if new != old {
        new.fits(&ctx.policy.limits)?;
    }
    draft.name_conversation_group(id, new);
    draft.may_be_repeated(Repeat { fingerprint, answer: RepeatedAnswer::Renamed(id) });
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{ConversationGroupId, Refusal};

    #[test]
    fn a_group_keeps_its_number_and_its_records_their_time_through_a_rename() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let records = world.state.records.clone();
        world.now += 100;
        assert_eq!(world.rename("Work", "Office"), Ok(ConversationGroupId(1)));
        assert_eq!(world.state.records, records);
        assert_eq!(world.state.conversation_groups[&ConversationGroupId(1)].name.as_str(), "Office");
    }

    #[test]
    fn renaming_to_itself_succeeds_and_changes_nothing() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        let before = world.state.clone();
        assert!(world.rename("Work", "Work").is_ok());
        assert_eq!(world.state, before);
    }

    #[test]
    fn the_name_of_another_group_is_taken_and_an_unknown_group_is_refused() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.create("Home", &[]).unwrap();
        assert!(matches!(world.rename("Work", "Home"), Err(Refusal::NameTaken(_))));
        assert!(matches!(world.rename("Nope", "X"), Err(Refusal::ConversationGroupUnknown(_))));
    }

    #[test]
    fn a_name_from_a_time_of_longer_names_can_still_be_changed_and_an_unknown_long_one_is_too_long() {
        let mut world = World::new();
        world.create("a long name", &[]).unwrap();
        world.policy.limits.name_bytes_max = 4;
        assert_eq!(world.rename("long, unknown", "b"), Err(Refusal::NameLength { bytes: 13, bytes_max: 4 }));
        assert!(world.rename("a long name", "a long name").is_ok());
        assert_eq!(world.rename("a long name", "other"), Err(Refusal::NameLength { bytes: 5, bytes_max: 4 }));
        assert_eq!(world.rename("a long name", "b"), Ok(ConversationGroupId(1)));
    }

    #[test]
    fn the_same_bytes_again_are_answered_as_the_first_time_and_change_nothing() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.rename("Work", "Office").unwrap();
        let before = world.state.clone();
        assert_eq!(world.rename("Work", "Office"), Ok(ConversationGroupId(1)));
        assert_eq!(world.state, before);
    }

    #[test]
    fn other_bytes_or_any_change_in_between_end_the_repeat() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.rename("Work", "Office").unwrap();
        world.request = 2;
        assert!(matches!(world.rename("Work", "Office"), Err(Refusal::ConversationGroupUnknown(_))));
        world.request = 1;
        world.pin(&[one("bob")]).unwrap();
        assert!(matches!(world.rename("Work", "Office"), Err(Refusal::ConversationGroupUnknown(_))));
    }

    #[test]
    fn a_refused_call_or_one_without_effect_in_between_does_not_end_the_repeat() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.rename("Work", "Office").unwrap();
        world.create("Office", &[]).unwrap();
        world.request = 2;
        world.delete("Nope").unwrap_err();
        world.request = 1;
        assert!(world.rename("Work", "Office").is_ok());
    }
}
