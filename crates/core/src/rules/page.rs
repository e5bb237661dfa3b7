//! `get_contact_group`: all records, page by page, in the order of their last change.

use super::account_is_known;
use crate::{AccountId, AccountState, AppPolicy, ChangeNumber, Conversation, Record, Refusal, Timestamp};

/// One page of an account's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// The records, oldest change first.
    pub records: Vec<(&'a Conversation, &'a Record)>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<ChangeNumber>,
    /// The largest time on the page; 0 on an empty one.
    pub newest: Timestamp,
}

/// What changed after `cursor` (0 for everything), up to a page of it. A record that changes while a
/// client pages moves to the end: it is never lost and never makes the client skip another.
///
/// # Errors
/// [`Refusal::AccountNotImported`].
pub fn page<'a>(
    policy: &AppPolicy,
    account: &AccountId,
    state: &'a AccountState,
    cursor: ChangeNumber,
) -> Result<Page<'a>, Refusal> {
    account_is_known(policy, account, state)?;
    let mut records = Vec::with_capacity(state.records.len());
    state.records.iter().filter(|(_, record)| record.change > cursor).for_each(|found| records.push(found));
    let max = policy.limits.records_per_page_max;
    let complete = records.len() <= max;
    if !complete {
        // What comes after the page need not be sorted.
        records.select_nth_unstable_by_key(max, |(_, record)| record.change);
        records.truncate(max);
    }
    records.sort_unstable_by_key(|(_, record)| record.change);
    let last = records.last().map(|(_, record)| record.change);
    let newest = records.iter().map(|(_, record)| record.changed_at).max().unwrap_or_default();
    Ok(Page { records, next: if complete { None } else { last }, newest })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::page;
    use crate::{ChangeNumber, Conversation, Timestamp};

    fn names(world: &World, cursor: u32) -> (Vec<Conversation>, Option<u32>) {
        let page = page(&world.policy, &world.account, &world.state, ChangeNumber(cursor)).unwrap();
        let order = page.records.iter().map(|(conversation, _)| (*conversation).clone()).collect();
        (order, page.next.map(|change| change.0))
    }

    #[test]
    fn pages_follow_the_order_of_the_last_change_and_the_last_page_has_no_next() {
        let mut world = World::new();
        world.policy.limits.records_per_page_max = 2;
        world.create("Work", &[one("zoe"), one("bob"), one("amy")]).unwrap();
        assert_eq!(names(&world, 0), (vec![one("zoe"), one("bob")], Some(2)));
        assert_eq!(names(&world, 2), (vec![one("amy")], None));
    }

    #[test]
    fn a_page_that_is_exactly_full_is_the_last_one() {
        let mut world = World::new();
        world.policy.limits.records_per_page_max = 2;
        world.create("Work", &[one("zoe"), one("bob")]).unwrap();
        assert_eq!(names(&world, 0).1, None);
    }

    #[test]
    fn a_record_changed_while_paging_comes_again_and_no_other_is_skipped() {
        let mut world = World::new();
        world.policy.limits.records_per_page_max = 1;
        world.create("Work", &[one("zoe"), one("bob"), one("amy")]).unwrap();
        let (first, next) = names(&world, 0);
        assert_eq!(first, [one("zoe")]);
        world.set_marks(one("zoe"), 1).unwrap();
        assert_eq!(names(&world, next.unwrap()), (vec![one("bob")], Some(2)));
        assert_eq!(names(&world, 3), (vec![one("zoe")], None));
    }

    #[test]
    fn a_cursor_beyond_the_end_is_an_empty_last_page() {
        let world = World::new();
        let page = page(&world.policy, &world.account, &world.state, ChangeNumber(99)).unwrap();
        assert_eq!((page.records.len(), page.next, page.newest), (0, None, Timestamp(0)));
    }
}
