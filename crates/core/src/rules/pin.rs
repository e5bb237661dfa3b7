//! `top`: pin conversations, unpin them.

use super::{Context, account_is_known};
use crate::{Conversation, Draft, Refusal};

/// Pin or unpin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinOperation {
    /// `OperationType` 1.
    Pin,
    /// `OperationType` 2.
    Unpin,
}

/// Pins or unpins conversations. Repeating succeeds and does not move a pin. The call is applied
/// whole or not at all, since its answer has no results of items.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::ListLength`] for none or too many conversations,
/// [`Refusal::PinsFull`], and an unknown peer where one would be pinned.
pub fn pin(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    operation: PinOperation,
    conversations: &[Conversation],
) -> Result<(), Refusal> {
    let max = ctx.policy.limits.conversations_per_pin_max;
    Refusal::unless_list_fits("RecentContactItem", "conversations", conversations.len(), max)?;
    account_is_known(ctx.policy, ctx.account, draft.base())?;
    for conversation in conversations {
        match operation {
            PinOperation::Unpin => draft.unpin(conversation),
            PinOperation::Pin if draft.pins().contains_key(conversation) => {}
            PinOperation::Pin => {
                draft.check_peer(ctx.policy, conversation)?;
                draft.pin(conversation)?;
            }
        }
    }
    let max = ctx.policy.limits.pins_max;
    if operation == PinOperation::Pin && draft.pins().len() > max.max(draft.base().pins.len()) {
        return Err(Refusal::PinsFull { max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::PinOperation;
    use crate::Refusal;

    #[test]
    fn repeating_a_pin_is_no_error_and_does_not_move_it() {
        let mut world = World::new();
        world.pin(&[one("bob"), one("carol")]).unwrap();
        let before = world.state.clone();
        world.now += 5;
        world.pin(&[one("bob")]).unwrap();
        assert_eq!(world.state, before);
        assert!(before.pins[&one("bob")].change < before.pins[&one("carol")].change);
    }

    #[test]
    fn one_pin_too_many_refuses_the_whole_call() {
        let mut world = World::new();
        world.policy.limits.pins_max = 2;
        world.pin(&[one("bob")]).unwrap();
        let before = world.state.clone();
        assert_eq!(world.pin(&[one("carol"), one("dave")]), Err(Refusal::PinsFull { max: 2 }));
        assert_eq!(world.state, before);
    }

    #[test]
    fn unpinning_asks_no_register_and_makes_room() {
        let mut world = World::new();
        world.policy.limits.pins_max = 1;
        world.pin(&[one("bob")]).unwrap();
        world.unknown(one("bob"));
        world.pins(PinOperation::Unpin, &[one("bob"), one("never pinned")]).unwrap();
        assert!(matches!(world.pin(&[one("bob")]), Err(Refusal::PeerNotImported(_))));
        world.pin(&[one("carol")]).unwrap();
    }

    #[test]
    fn a_repeated_pin_still_succeeds_when_the_limit_has_shrunk_below_what_is_pinned() {
        let mut world = World::new();
        world.pin(&[one("bob"), one("carol")]).unwrap();
        world.policy.limits.pins_max = 1;
        assert_eq!(world.pin(&[one("bob")]), Ok(()));
        assert_eq!(world.pin(&[one("dave")]), Err(Refusal::PinsFull { max: 1 }));
    }

    #[test]
    fn pins_make_no_records() {
        let mut world = World::new();
        world.pin(&[one("bob")]).unwrap();
        assert!(world.state.records.is_empty());
    }
}
