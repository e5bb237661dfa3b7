//! Shares of the accounts of an app, which instances divide among themselves.

use pinfold_core::AccountId;

/// Shares that the accounts of each app are divided into.
pub const SHARES: u8 = 16;

/// A set of shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares(u16);

impl Shares {
    /// Every account.
    pub const ALL: Self = Self(u16::MAX);
    /// No account.
    pub const NONE: Self = Self(0);

    /// This set and a share below [`SHARES`].
    #[must_use]
    pub fn with(self, share: u8) -> Self {
        Self(self.0 | bit(share))
    }

    /// Whether the share belongs to it.
    pub fn contains(self, share: u8) -> bool {
        self.0 & bit(share) != 0
    }
}

fn bit(share: u8) -> u16 {
    1 << (share % SHARES)
}

/// The share that an account belongs to: the same in every build, since instances of several builds may run together.
pub fn share_of(account: &AccountId) -> u8 {
    const FNV_OFFSET: u32 = 0x811c_9dc5;
    const FNV_PRIME: u32 = 0x0100_0193;
    let fnv_1a = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(FNV_PRIME);
    let hash = account.as_str().as_bytes().iter().fold(FNV_OFFSET, fnv_1a);
    // The low bits alone depend on the low bits of each byte alone.
    ((hash ^ (hash >> 16)) % u32::from(SHARES)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(id: &str) -> u8 {
        share_of(&AccountId::parse(id).unwrap())
    }

    #[test]
    fn the_share_of_an_account_is_the_same_in_every_build() {
        assert_eq!(["alice", "bob", "user_1", "user_2", "卡罗尔", "a"].map(share), [5, 2, 5, 8, 9, 0]);
    }

    #[test]
    fn accounts_with_consecutive_numbers_are_spread_over_all_shares() {
        const EACH: usize = 1000;
        let mut counts = [0; SHARES as usize];
        for number in 0..EACH * usize::from(SHARES) {
            counts[usize::from(share(&format!("user_{number}")))] += 1;
        }
        assert!(counts.iter().all(|count| (EACH * 3 / 4..EACH * 5 / 4).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_set_contains_the_shares_that_were_put_into_it() {
        let (first, last) = (0, SHARES - 1);
        let both = Shares::NONE.with(first).with(last);
        assert_eq!([both.contains(first), both.contains(1), both.contains(last)], [true, false, true]);
        assert_eq!((0..SHARES).fold(Shares::NONE, Shares::with), Shares::ALL);
        assert!((0..SHARES).all(|share| !Shares::NONE.contains(share)));
    }
}
