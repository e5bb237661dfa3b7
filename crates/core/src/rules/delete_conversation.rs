//! `delete`: a conversation leaves the list of recent conversations.

use super::{Context, account_is_known};
use crate::{Conversation, Draft, Refusal, Timestamp};

/// Removes the entry of a conversation, whose time is `entry` if there is one, and its pin, which would show it on.
/// Marks and conversation groups stay. What is not there is no error and no change. No register is asked.
///
/// # Errors
/// [`Refusal::AccountNotImported`].
pub fn delete_conversation(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    conversation: &Conversation,
    entry: Option<Timestamp>,
) -> Result<(), Refusal> {
    account_is_known(ctx.policy, ctx.account, draft.base())?;
    draft.delete_conversation(conversation, entry);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{RecentEntry, Refusal, Timestamp};

    #[test]
    fn the_entry_and_the_pin_go_in_one_change_and_marks_stay() {
        let mut world = World::new();
        world.set_marks(one("bob"), 1).unwrap();
        world.pin(&[one("bob"), one("amy")]).unwrap();
        let diff = world.delete_conversation(one("bob"), Some(7)).unwrap().unwrap();
        assert_eq!(diff.removed_entries, [RecentEntry { conversation: one("bob"), at: Timestamp(7) }]);
        assert_eq!(world.state.pins.keys().collect::<Vec<_>>(), [&one("amy")]);
        assert!(world.state.records.contains_key(&one("bob")));
    }

    #[test]
    fn a_removed_entry_alone_is_a_change_that_ends_a_repeat() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.rename("Work", "Office").unwrap();
        world.delete_conversation(one("bob"), Some(7)).unwrap().unwrap();
        assert_eq!(world.state.head.repeat, None);
    }

    #[test]
    fn where_nothing_is_there_nothing_changes() {
        let mut world = World::new();
        world.create("Work", &[]).unwrap();
        world.rename("Work", "Office").unwrap();
        let before = world.state.clone();
        assert_eq!(world.delete_conversation(one("stranger"), None), Ok(None));
        assert_eq!(world.state, before);
    }

    #[test]
    fn an_account_that_is_not_imported_is_refused() {
        let mut world = World::new();
        world.state.head.imported = false;
        let refused = world.delete_conversation(one("bob"), Some(7));
        assert_eq!(refused, Err(Refusal::AccountNotImported(world.account)));
    }
}
