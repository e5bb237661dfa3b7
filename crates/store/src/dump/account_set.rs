//! The accounts of a dump, for lines that may only be about these.

use std::hash::{BuildHasher as _, RandomState};

use crate::AccountKey;

/// Accounts that are remembered, 8 bytes each.
const REMEMBERED_MAX: usize = 1 << 24;

/// A set of accounts, as hashes. It may take an account for one of them that is not, and never the other way round.
pub(super) struct AccountSet {
    hasher: RandomState,
    /// `None` once there were more than are remembered: then every account may be one of them.
    hashes: Option<Vec<u64>>,
    remembered_max: usize,
    is_sorted: bool,
}

impl Default for AccountSet {
    fn default() -> Self {
        Self { hasher: RandomState::new(), hashes: Some(Vec::new()), remembered_max: REMEMBERED_MAX, is_sorted: true }
    }
}

impl AccountSet {
    pub(super) fn insert(&mut self, account: &AccountKey) {
        self.hashes = self.hashes.take().filter(|hashes| hashes.len() < self.remembered_max);
        if let Some(hashes) = &mut self.hashes {
            hashes.push(self.hasher.hash_one(account));
            self.is_sorted = false;
        }
    }

    /// Whether the account is one of them, or may be one.
    pub(super) fn may_contain(&mut self, account: &AccountKey) -> bool {
        let Some(hashes) = &mut self.hashes else { return true };
        if !self.is_sorted {
            hashes.sort_unstable();
            self.is_sorted = true;
        }
        hashes.binary_search(&self.hasher.hash_one(account)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};

    use super::*;

    fn account(app: u32, number: u32) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(&format!("account {number}")).unwrap() }
    }

    #[test]
    fn what_was_put_in_is_found_and_others_are_not() {
        let mut set = AccountSet::default();
        for number in 0..100 {
            assert!(!set.may_contain(&account(1, number)));
            set.insert(&account(1, number));
            assert!(set.may_contain(&account(1, number)) && set.may_contain(&account(1, 0)));
        }
        assert!(!set.may_contain(&account(2, 0)));
    }

    #[test]
    fn of_more_than_can_be_remembered_none_is_said_to_be_missing_and_none_takes_memory() {
        let mut set = AccountSet { remembered_max: 2, ..AccountSet::default() };
        (0..2).for_each(|number| set.insert(&account(1, number)));
        assert!(!set.may_contain(&account(1, 9)));
        (2..9).for_each(|number| set.insert(&account(1, number)));
        assert!(set.may_contain(&account(1, 8)) && set.may_contain(&account(1, 9)));
        assert_eq!(set.hashes, None);
    }
}
