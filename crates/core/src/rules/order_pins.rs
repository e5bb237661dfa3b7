//! `order_pins`: the account's own order of its pinned conversations.

use super::{Context, account_is_known};
use crate::{ChangeNumber, Conversation, Draft, Refusal};

/// Puts these pins first, in this order; the others follow as they were. Of a conversation named twice the first place
/// counts. Answers with all pinned conversations in their new order.
///
/// # Errors
/// [`Refusal::AccountNotImported`]; [`Refusal::ListLength`] for too many conversations; [`Refusal::NotPinned`] for the
/// first that is not pinned.
pub fn order_pins(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    conversations: &[Conversation],
) -> Result<Vec<Conversation>, Refusal> {
    account_is_known(ctx.policy, ctx.account, draft.base())?;
    let max = ctx.policy.limits.conversations_per_pin_max;
    Refusal::unless_list_is_short("RecentContactItem", "conversations", conversations.len(), max)?;
    let first = conversations.iter().map(|conversation| change_of_pin(draft, conversation));
    let first = first.collect::<Result<Vec<_>, _>>()?;
    draft.order_pins(first);
    Ok(draft.ordered_pins().into_iter().map(|(conversation, _)| conversation.clone()).collect())
}

fn change_of_pin(draft: &Draft<'_>, conversation: &Conversation) -> Result<ChangeNumber, Refusal> {
    let pin = draft.pins().get(conversation);
    pin.map(|pin| pin.change).ok_or_else(|| Refusal::NotPinned(conversation.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{ChangeNumber, Conversation, Edition, Refusal};

    fn world() -> World {
        let mut world = World::new();
        world.pin(&[one("amy"), one("bob"), one("carol")]).unwrap();
        world
    }

    fn order(world: &World) -> Vec<Conversation> {
        world.state.ordered_pins().into_iter().map(|(conversation, _)| conversation.clone()).collect()
    }

    #[test]
    fn the_pins_named_come_first_and_the_others_follow_as_they_were() {
        let mut world = world();
        world.policy.edition = Edition::Standard;
        let answer = world.order_pins(&[one("carol"), one("carol"), one("amy")]).unwrap();
        assert_eq!(answer, [one("carol"), one("amy"), one("bob")]);
        assert_eq!(order(&world), answer);
        assert_eq!(world.state.head.pin_order, [3, 1, 2].map(ChangeNumber));
    }

    #[test]
    fn a_new_pin_comes_last_and_one_that_is_taken_away_and_pinned_again_too() {
        let mut world = world();
        world.order_pins(&[one("carol")]).unwrap();
        world.pin(&[one("dave")]).unwrap();
        world.pins(super::super::PinOperation::Unpin, &[one("carol")]).unwrap();
        world.pin(&[one("carol")]).unwrap();
        assert_eq!(order(&world), ["amy", "bob", "dave", "carol"].map(one));
        assert_eq!(world.state.head.pin_order, []);
    }

    #[test]
    fn a_conversation_that_is_not_pinned_and_too_many_are_refused_and_none_changes_nothing() {
        let mut world = world();
        let before = world.state.clone();
        assert_eq!(world.order_pins(&[one("carol"), one("zoe")]), Err(Refusal::NotPinned(one("zoe"))));
        world.policy.limits.conversations_per_pin_max = 1;
        let two = world.order_pins(&[one("carol"), one("amy")]);
        assert!(matches!(two, Err(Refusal::ListLength { given: 2, max: 1, .. })));
        assert_eq!(world.order_pins(&[]), Ok(["amy", "bob", "carol"].map(one).to_vec()));
        assert_eq!(world.state, before);
    }

    #[test]
    fn an_account_that_is_not_imported_is_refused_before_a_list_that_is_too_long() {
        let mut world = world();
        world.state.head.imported = false;
        world.policy.limits.conversations_per_pin_max = 1;
        let two = world.order_pins(&[one("carol"), one("amy")]);
        assert!(matches!(two, Err(Refusal::AccountNotImported(_))));
    }
}
