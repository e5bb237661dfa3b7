//! `list_groups`: the conversation groups of an account in its own order.

use std::collections::HashMap;

use super::account_is_known;
use crate::{
    AccountId, AccountState, AppPolicy, Conversation, ConversationGroup, ConversationGroupId, GroupData, GroupName,
    OrdMap, Record, Refusal,
};

/// A conversation group as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    /// Its number.
    pub id: ConversationGroupId,
    /// Its name.
    pub name: GroupName,
    /// The app's own text on it, if any.
    pub data: Option<GroupData>,
    /// How many conversations are in it.
    pub conversations: usize,
}

/// Lists the conversation groups. Needs every record of the account.
///
/// # Errors
/// [`Refusal::AccountNotImported`].
pub fn list_groups(policy: &AppPolicy, account: &AccountId, state: &AccountState) -> Result<Vec<ListedGroup>, Refusal> {
    account_is_known(policy, account, state)?;
    Ok(listed(state.ordered_conversation_groups(), &state.records))
}

/// These conversation groups with what is in them.
pub(super) fn listed(
    groups: Vec<(ConversationGroupId, &ConversationGroup)>,
    records: &OrdMap<Conversation, Record>,
) -> Vec<ListedGroup> {
    let mut counts: HashMap<ConversationGroupId, usize> = HashMap::new();
    for id in records.values().flat_map(|record| &record.arrangement.conversation_groups) {
        *counts.entry(*id).or_default() += 1;
    }
    let list = |(id, group): (ConversationGroupId, &ConversationGroup)| ListedGroup {
        id,
        name: group.name.clone(),
        data: group.data.clone(),
        conversations: counts.get(&id).copied().unwrap_or(0),
    };
    groups.into_iter().map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::list_groups;
    use crate::Refusal;

    #[test]
    fn groups_are_listed_in_the_order_of_the_account_with_the_count_of_their_conversations() {
        let mut world = World::new();
        world.create("Work", &[one("bob"), one("amy")]).unwrap();
        world.create("Home", &[one("bob")]).unwrap();
        world.create("Empty", &[]).unwrap();
        world.order_groups(&["Empty"]).unwrap();
        let listed = list_groups(&world.policy, &world.account, &world.state).unwrap();
        let listed: Vec<_> =
            listed.iter().map(|group| (group.name.as_str(), group.id.0, group.conversations)).collect();
        assert_eq!(listed, [("Empty", 3, 0), ("Work", 1, 2), ("Home", 2, 1)]);
    }

    #[test]
    fn an_account_that_is_not_imported_has_no_list_of_groups() {
        let mut world = World::new();
        world.state.head.imported = false;
        let refused = list_groups(&world.policy, &world.account, &world.state);
        assert_eq!(refused, Err(Refusal::AccountNotImported(world.account)));
    }
}
