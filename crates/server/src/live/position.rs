//! What a stream does next, by where it stands and where its account stands.

use pinfold_core::Revision;
use pinfold_store::{Life, Position};

/// Where a stream stands: its client knows the changes of this life up to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(super) life: Life,
    pub(super) revision: Revision,
}

/// What to do about an account that stands elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: the client knows it.
    Skip,
    /// Send the change that was told.
    Send,
    /// Read what the client misses, from the change after the one where it stands.
    Read,
    /// Have the client load anew.
    Reset,
}

impl Standing {
    /// Of an account that nothing is kept for: a life that no account has, as it would be drawn once in 2⁶⁴ times.
    pub(super) const NOTHING: Self = Self { life: Life(u64::MAX), revision: Revision(0) };

    /// Where an account stands.
    pub(super) fn of(position: Option<Position>) -> Self {
        position.map_or(Self::NOTHING, |Position { life, revision, .. }| Self { life, revision })
    }

    /// What a stream does whose account stands at `position` now, by a commit that was told with its change or not.
    pub(super) fn next(self, position: Position, has_change: bool) -> Step {
        let Position { life, revision, history_from, .. } = position;
        let is_known = self != Self::NOTHING;
        // An account of an imported dump may have something although none of its changes was counted.
        if life != self.life && (is_known || revision.0 == 0) {
            return Step::Reset;
        }
        let wanted = self.revision.0.saturating_add(1);
        match history_from {
            _ if revision <= self.revision => Step::Skip,
            _ if revision.0 == wanted && has_change => Step::Send,
            1.. if history_from <= wanted => Step::Read,
            1.. => Step::Reset,
            // Without the history a stream tells of what this process does, whatever others did in between.
            0 if has_change => Step::Send,
            0 => Step::Reset,
        }
    }

    /// What a stream does at its beginning whose client stands here. An account that came while the client was away may
    /// have been restored or imported with more than its changes tell.
    pub(super) fn resume(self, position: Option<Position>) -> Step {
        match position {
            Some(position) if position.life != self.life || position.revision < self.revision => Step::Reset,
            Some(position) => self.next(position, false),
            None if self == Self::NOTHING => Step::Skip,
            None => Step::Reset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(life: u64, revision: u32) -> Standing {
        Standing { life: Life(life), revision: Revision(revision) }
    }

    /// Of an account whose history is kept from its beginning.
    fn kept(life: u64, revision: u32) -> Position {
        kept_from(life, revision, 1)
    }

    fn kept_from(life: u64, revision: u32, history_from: u32) -> Position {
        Position { life: Life(life), revision: Revision(revision), history_from, imported: true }
    }

    #[test]
    fn the_next_change_is_sent_and_one_that_is_known_is_not() {
        assert_eq!(standing(7, 3).next(kept(7, 4), true), Step::Send);
        assert_eq!(standing(7, 3).next(kept(7, 3), true), Step::Skip);
        assert_eq!(standing(7, 3).next(kept(7, 1), false), Step::Skip);
    }

    #[test]
    fn what_is_missing_in_between_is_read_as_far_as_it_is_kept() {
        assert_eq!(standing(7, 3).next(kept(7, 5), true), Step::Read);
        assert_eq!(standing(7, 3).next(kept(7, 4), false), Step::Read);
        assert_eq!(standing(7, 3).next(kept_from(7, 5, 4), true), Step::Read);
        assert_eq!(standing(7, 3).next(kept_from(7, 5, 5), true), Step::Reset);
    }

    #[test]
    fn without_the_history_what_is_told_is_sent_and_what_was_missed_is_not() {
        assert_eq!(standing(7, 3).next(kept_from(7, 4, 0), true), Step::Send);
        assert_eq!(standing(7, 3).next(kept_from(7, 9, 0), true), Step::Send);
        assert_eq!(standing(7, 3).next(kept_from(7, 4, 0), false), Step::Reset);
        assert_eq!(standing(7, 3).next(kept_from(7, 3, 0), false), Step::Skip);
    }

    #[test]
    fn another_life_is_a_reset() {
        assert_eq!(standing(7, 3).next(kept(8, 4), true), Step::Reset);
        assert_eq!(standing(7, 3).next(kept(8, 3), false), Step::Reset);
        assert_eq!(standing(0, 3).next(kept(8, 4), true), Step::Reset);
    }

    #[test]
    fn an_account_of_before_lives_and_changes_is_not_nothing() {
        let of_0_1_0 = Standing::of(Some(kept_from(0, 0, 0)));
        assert_eq!(of_0_1_0.next(kept(0, 1), true), Step::Send);
        assert_eq!(of_0_1_0.next(kept(8, 1), true), Step::Reset);
        assert_eq!(of_0_1_0.resume(None), Step::Reset);
    }

    #[test]
    fn the_changes_of_an_account_that_began_since_follow_on_nothing() {
        assert_eq!(Standing::NOTHING.next(kept(8, 1), true), Step::Send);
        assert_eq!(Standing::NOTHING.next(kept(8, 1), false), Step::Read);
        assert_eq!(Standing::NOTHING.next(kept(8, 2), true), Step::Read);
        assert_eq!(Standing::NOTHING.next(kept_from(8, 2, 2), true), Step::Reset);
        assert_eq!(Standing::NOTHING.next(kept_from(8, 2, 0), false), Step::Reset);
    }

    #[test]
    fn an_account_without_counted_changes_that_came_since_is_a_reset() {
        assert_eq!(Standing::NOTHING.next(kept_from(8, 0, 0), false), Step::Reset);
        assert_eq!(standing(8, 0).next(kept_from(8, 0, 0), false), Step::Skip);
    }

    #[test]
    fn a_client_that_comes_back_goes_on_where_it_stands() {
        assert_eq!(standing(7, 3).resume(Some(kept(7, 3))), Step::Skip);
        assert_eq!(standing(7, 3).resume(Some(kept(7, 9))), Step::Read);
        assert_eq!(Standing::NOTHING.resume(None), Step::Skip);
    }

    #[test]
    fn a_client_that_comes_back_to_another_life_or_to_an_older_state_loads_anew() {
        assert_eq!(standing(7, 3).resume(Some(kept(8, 9))), Step::Reset);
        assert_eq!(standing(7, 3).resume(Some(kept(7, 2))), Step::Reset);
        assert_eq!(standing(7, 3).resume(Some(kept_from(7, 9, 5))), Step::Reset);
        assert_eq!(standing(7, 3).resume(Some(kept_from(7, 9, 0))), Step::Reset);
        assert_eq!(standing(7, 3).resume(None), Step::Reset);
        for revision in [0, 1, 9] {
            assert_eq!(Standing::NOTHING.resume(Some(kept(7, revision))), Step::Reset);
        }
    }
}
