//! `mark_contact`: standard and custom marks on conversations.

use super::{
    Context, ItemResults, account_is_known, conversations_per_call, edition_has_conversation_groups_and_standard_marks,
};
use crate::{Conversation, Counted, CustomMark, Draft, Refusal, StandardMarks};

/// One item of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkChange {
    /// Which conversation.
    pub conversation: Conversation,
    /// Standard marks to clear and set; `None` leaves them alone.
    pub standard: Option<StandardChange>,
    /// The custom mark from now on (`Some(None)` for none); `None` leaves it alone.
    pub custom: Option<Option<CustomMark>>,
}

/// Standard marks to clear, then those to set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandardChange {
    /// `ClearMark`.
    pub clear: StandardMarks,
    /// `SetMark`.
    pub set: StandardMarks,
}

/// Changes the marks of conversations, in order.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::ConversationsPerCall`], and [`Refusal::EditionLacks`]
/// for the whole call as soon as one item changes standard marks. For an item: its own refusal, an
/// unknown peer where something is set, or [`Refusal::ConversationsFull`].
pub fn mark(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    items: &[Result<MarkChange, Refusal>],
) -> Result<ItemResults, Refusal> {
    account_is_known(ctx.policy, ctx.account, draft.base())?;
    if items.iter().flatten().any(|item| item.standard.is_some()) {
        edition_has_conversation_groups_and_standard_marks(ctx.policy)?;
    }
    conversations_per_call(items.len(), 1, ctx.policy.limits.conversations_per_update_max)?;
    Ok(items.iter().map(|item| apply(ctx, draft, item)).collect())
}

fn apply(ctx: &Context<'_>, draft: &mut Draft<'_>, item: &Result<MarkChange, Refusal>) -> Result<(), Refusal> {
    let item = item.as_ref().map_err(Clone::clone)?;
    let before = draft.arrangement(&item.conversation);
    let mut after = before.clone();
    if let Some(StandardChange { clear, set }) = item.standard {
        after.standard = after.standard.changed(clear, set);
    }
    if let Some(custom) = &item.custom {
        after.custom.clone_from(custom);
    }
    let sets_standard = after.standard.0 & !before.standard.0 != 0;
    let sets_custom = after.custom.is_some() && after.custom != before.custom;
    if sets_standard || sets_custom {
        draft.check_peer(ctx.policy, &item.conversation)?;
    }
    let max = ctx.policy.limits.marked_conversations_max;
    if after.is_marked() && !before.is_marked() && draft.head().marked as usize >= max {
        return Err(Refusal::ConversationsFull { counted: Counted::Marked, max });
    }
    draft.arrange(&item.conversation, after);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::{MarkChange, StandardChange};
    use crate::{Counted, CustomMark, Edition, Limits, Refusal, StandardMarks, Timestamp};

    fn custom(text: &str) -> Option<Option<CustomMark>> {
        Some(CustomMark::parse(text, &Limits::default()).unwrap())
    }

    #[test]
    fn a_record_without_any_mark_or_group_disappears() {
        let mut world = World::new();
        world.set_marks(one("bob"), 1).unwrap();
        let standard = Some(StandardChange { clear: StandardMarks(1), set: StandardMarks(0) });
        world.mark(&[Ok(MarkChange { conversation: one("bob"), standard, custom: None })]).unwrap();
        assert!(world.state.records.is_empty());
        assert_eq!(world.state.head.marked, 0);
    }

    #[test]
    fn what_does_not_change_a_record_leaves_its_time_and_number_alone() {
        let mut world = World::new();
        world.set_marks(one("bob"), 3).unwrap();
        let before = world.state.clone();
        world.now += 10;
        world.set_marks(one("bob"), 3).unwrap();
        assert_eq!(world.state, before);
    }

    #[test]
    fn time_never_runs_backwards_whatever_the_clock_does() {
        let mut world = World::new();
        world.set_marks(one("bob"), 1).unwrap();
        let first = world.now;
        world.now -= 500;
        world.set_marks(one("carol"), 1).unwrap();
        assert_eq!(world.state.records[&one("carol")].changed_at, Timestamp(first));
    }

    #[test]
    fn a_clock_that_was_years_ahead_does_not_pin_the_time_once_it_is_right_again() {
        const DAY: u32 = 86_400;
        for (ahead, expected) in [(DAY, DAY), (DAY + 1, 0), (300_000_000, 0)] {
            let mut world = World::new();
            let right = world.now;
            world.now += ahead;
            world.set_marks(one("bob"), 1).unwrap();
            world.now = right;
            world.set_marks(one("carol"), 1).unwrap();
            assert_eq!(world.state.records[&one("carol")].changed_at, Timestamp(right + expected), "{ahead}");
            world.now += 2 * DAY;
            world.pin(&[one("zoe")]).unwrap();
            assert_eq!(world.state.pins[&one("zoe")].pinned_at, Timestamp(world.now), "{ahead}");
        }
    }

    #[test]
    fn only_an_item_that_turns_an_unmarked_conversation_into_a_marked_one_counts() {
        let mut world = World::new();
        world.policy.limits.marked_conversations_max = 1;
        world.create("Work", &[one("carol")]).unwrap();
        world.set_marks(one("bob"), 1).unwrap();
        let full = Refusal::ConversationsFull { counted: Counted::Marked, max: 1 };
        assert_eq!(world.set_marks(one("carol"), 1), Ok(vec![Err(full)]));
        let item = MarkChange { conversation: one("bob"), standard: None, custom: custom("vip") };
        assert_eq!(world.mark(&[Ok(item)]), Ok(vec![Ok(())]));
    }

    #[test]
    fn clearing_asks_no_register_and_needs_no_place() {
        let mut world = World::new();
        world.set_marks(one("bob"), 3).unwrap();
        world.unknown(one("bob"));
        world.policy.limits.marked_conversations_max = 0;
        let standard = Some(StandardChange { clear: StandardMarks(1), set: StandardMarks(2) });
        let item = MarkChange { conversation: one("bob"), standard, custom: custom("") };
        assert_eq!(world.mark(&[Ok(item)]), Ok(vec![Ok(())]));
        assert!(matches!(world.set_marks(one("bob"), 4).unwrap()[..], [Err(Refusal::PeerNotImported(_))]));
    }

    #[test]
    fn custom_marks_are_free_for_the_standard_edition_and_one_standard_mark_refuses_the_call() {
        let mut world = World::new();
        world.policy.edition = Edition::Standard;
        let item = MarkChange { conversation: one("bob"), standard: None, custom: custom("vip") };
        assert_eq!(world.mark(&[Ok(item.clone())]), Ok(vec![Ok(())]));
        let standard = MarkChange { standard: Some(StandardChange::default()), ..item.clone() };
        assert_eq!(world.mark(&[Ok(item), Ok(standard)]), Err(Refusal::EditionLacks));
    }

    #[test]
    fn a_malformed_item_is_refused_alone_and_counts_as_an_item() {
        let mut world = World::new();
        let bad = Refusal::Malformed("OptType is missing".into());
        assert_eq!(world.mark(&[Err(bad.clone())]), Ok(vec![Err(bad)]));
        assert_eq!(world.mark(&[]), Err(Refusal::ConversationsPerCall { given: 0, min: 1, max: 100 }));
    }
}
