//! `search_contact_group`: what is kept about these conversations.

use std::collections::{BTreeMap, BTreeSet};

use super::{account_is_known, referred_to};
use crate::{AccountId, AccountState, AppPolicy, Conversation, ConversationGroupId, GroupName, Record, Refusal};

/// What `search_contact_group` is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The records, in the order of the request, each conversation once.
    pub records: Vec<(&'a Conversation, &'a Record)>,
    /// The conversation groups that those records refer to.
    pub conversation_groups: BTreeMap<ConversationGroupId, &'a GroupName>,
}

/// Finds the records of the conversations asked for; those without a record are left out.
///
/// # Errors
/// [`Refusal::AccountNotImported`]; [`Refusal::ListLength`] for none or too many conversations.
pub fn search<'a>(
    policy: &AppPolicy,
    account: &AccountId,
    state: &'a AccountState,
    asked: &[Conversation],
) -> Result<Found<'a>, Refusal> {
    let max = policy.limits.conversations_per_search_max;
    Refusal::unless_list_fits("ContactItem", "conversations", asked.len(), max)?;
    account_is_known(policy, account, state)?;
    let mut seen = BTreeSet::new();
    let mut records = Vec::new();
    for conversation in asked.iter().filter(|conversation| seen.insert(*conversation)) {
        records.extend(state.records.get_key_value(conversation));
    }
    let conversation_groups = referred_to(state, records.iter().map(|(_, record)| *record));
    Ok(Found { records, conversation_groups })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::search;
    use crate::{ConversationGroupId, Refusal};

    #[test]
    fn records_come_in_the_order_asked_each_once_and_only_kept_ones() {
        let mut world = World::new();
        world.create("Work", &[one("amy"), one("bob")]).unwrap();
        let asked = [one("bob"), one("nobody"), one("amy"), one("bob")];
        let found = search(&world.policy, &world.account, &world.state, &asked).unwrap();
        let order: Vec<_> = found.records.iter().map(|(conversation, _)| (*conversation).clone()).collect();
        assert_eq!(order, [one("bob"), one("amy")]);
    }

    #[test]
    fn only_the_groups_that_the_records_refer_to_are_named() {
        let mut world = World::new();
        world.create("Work", &[one("amy")]).unwrap();
        world.create("Home", &[one("bob")]).unwrap();
        let found = search(&world.policy, &world.account, &world.state, &[one("bob")]).unwrap();
        assert_eq!(found.conversation_groups.keys().copied().collect::<Vec<_>>(), [ConversationGroupId(2)]);
    }

    #[test]
    fn none_and_more_conversations_than_the_limit_are_refused() {
        let mut world = World::new();
        world.policy.limits.conversations_per_search_max = 1;
        for asked in [&[][..], &[one("a"), one("b")]] {
            let found = search(&world.policy, &world.account, &world.state, asked);
            let refused = Refusal::ListLength {
                field: "ContactItem",
                elements: "conversations",
                given: asked.len(),
                min: 1,
                max: 1,
            };
            assert_eq!(found.err(), Some(refused));
        }
    }
}
