//! `order_groups`: the account's own order of its conversation groups.

use super::list_groups::{ListedGroup, listed};
use super::{Context, conversation_group_named, may_change_conversation_groups};
use crate::{Draft, GroupName, Refusal};

/// Puts these conversation groups first, in this order; the others follow as they were. Of a name given twice the first
/// place counts. Answers with all groups in their new order. Needs every record of the account, to count what is in
/// each.
///
/// # Errors
/// [`Refusal::AccountNotImported`], [`Refusal::EditionLacks`]; [`Refusal::ListLength`] for too many names;
/// [`Refusal::ConversationGroupUnknown`] and [`Refusal::NameLength`] for the first name that no group has.
pub fn order_groups(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    names: &[GroupName],
) -> Result<Vec<ListedGroup>, Refusal> {
    may_change_conversation_groups(ctx, draft)?;
    let max = ctx.policy.limits.conversation_groups_per_order_max;
    Refusal::unless_list_is_short("GroupName", "names", names.len(), max)?;
    let first = names.iter().map(|name| conversation_group_named(ctx, draft, name));
    let first = first.collect::<Result<Vec<_>, _>>()?;
    draft.order_conversation_groups(first);
    Ok(listed(draft.ordered_conversation_groups(), &draft.base().records))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::{ConversationGroupId, Edition, Refusal};

    fn world() -> World {
        let mut world = World::new();
        for name in ["A", "B", "C"] {
            world.create(name, &[]).unwrap();
        }
        world
    }

    fn order(world: &World) -> String {
        world.state.ordered_conversation_groups().iter().map(|(_, group)| group.name.as_str()).collect()
    }

    #[test]
    fn the_groups_named_come_first_and_the_others_follow_as_they_were() {
        let mut world = world();
        let answer = world.order_groups(&["C", "A", "C"]).unwrap();
        let answer: String = answer.iter().map(|group| group.name.as_str()).collect();
        assert_eq!((&*answer, &*order(&world)), ("CAB", "CAB"));
        world.order_groups(&["B"]).unwrap();
        assert_eq!(order(&world), "BCA");
    }

    #[test]
    fn a_new_group_comes_last_a_deleted_one_leaves_and_a_renamed_one_keeps_its_place() {
        let mut world = world();
        world.order_groups(&["C", "B", "A"]).unwrap();
        world.create("D", &[]).unwrap();
        world.delete("B").unwrap();
        world.rename("C", "Z").unwrap();
        assert_eq!(order(&world), "ZAD");
    }

    #[test]
    fn an_order_that_groups_have_by_themselves_is_not_kept() {
        let mut world = world();
        world.order_groups(&["C"]).unwrap();
        assert_eq!(world.state.head.group_order, [3, 1, 2].map(ConversationGroupId));
        world.order_groups(&["A", "B"]).unwrap();
        assert_eq!(world.state.head.group_order, []);
    }

    #[test]
    fn no_name_and_the_order_that_is_there_change_nothing_and_leave_a_repeat_alone() {
        let mut world = world();
        world.order_groups(&["C"]).unwrap();
        world.rename("A", "a").unwrap();
        let before = world.state.clone();
        world.order_groups(&[]).unwrap();
        world.order_groups(&["C", "a"]).unwrap();
        assert_eq!(world.state, before);
        world.order_groups(&["a"]).unwrap();
        assert_eq!(world.state.head.repeat, None);
    }

    #[test]
    fn an_unknown_name_a_long_one_too_many_and_the_standard_edition_are_refused() {
        let mut world = world();
        world.policy.limits.name_bytes_max = 4;
        assert!(matches!(world.order_groups(&["C", "Nope"]), Err(Refusal::ConversationGroupUnknown(_))));
        assert!(matches!(world.order_groups(&["unknown"]), Err(Refusal::NameLength { bytes: 7, .. })));
        world.policy.limits.conversation_groups_per_order_max = 1;
        assert!(matches!(world.order_groups(&["C", "C"]), Err(Refusal::ListLength { given: 2, max: 1, .. })));
        world.policy.edition = Edition::Standard;
        assert_eq!(world.order_groups(&[]), Err(Refusal::EditionLacks));
        assert_eq!(order(&world), "ABC");
    }
}
