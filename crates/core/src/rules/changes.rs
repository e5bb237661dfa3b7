//! `get_changes`: which page of an account's history is asked for.

use crate::{Limits, Refusal, Revision};

/// Changes on a page that says nothing else.
const CHANGES_PER_PAGE: i64 = 50;

/// A page of an account's history, the newest change first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangesQuery {
    /// Only changes from before this one; from the newest one where it is `None`.
    pub before: Option<Revision>,
    /// The most changes on the page.
    pub count_max: usize,
}

/// Reads the fields of a query for changes. `Before` 0 or none is the first page.
///
/// # Errors
/// [`Refusal::Malformed`] for a limit or revision that is out of range.
pub fn changes_page(limits: &Limits, limit: Option<i64>, before: Option<i64>) -> Result<ChangesQuery, Refusal> {
    let (limit, max) = (limit.unwrap_or(CHANGES_PER_PAGE), limits.changes_per_page_max);
    let count_max = usize::try_from(limit).ok().filter(|count| (1..=max).contains(count));
    let count_max = count_max.ok_or_else(|| Refusal::Malformed(format!("Limit is {limit}; 1 to {max} are allowed")))?;
    let before = match before.unwrap_or(0) {
        0 => None,
        given => Some(
            Revision::parse(given)
                .ok_or_else(|| Refusal::Malformed(format!("Before must be an integer from 0 to {}", Revision::MAX)))?,
        ),
    };
    Ok(ChangesQuery { before, count_max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_50_changes_unless_it_is_asked_for_1_to_100() {
        let count = |limit| changes_page(&Limits::default(), limit, None).map(|query| query.count_max);
        assert_eq!([count(None), count(Some(1)), count(Some(100))], [Ok(50), Ok(1), Ok(100)]);
        for limit in [0, 101, -1, i64::MIN, i64::MAX] {
            let refused = Refusal::Malformed(format!("Limit is {limit}; 1 to 100 are allowed"));
            assert_eq!(count(Some(limit)), Err(refused));
        }
    }

    #[test]
    fn before_0_or_none_is_the_newest_and_a_revision_fits_31_bits() {
        let before = |before| changes_page(&Limits::default(), None, before).map(|query| query.before);
        assert_eq!([before(None), before(Some(0))], [Ok(None), Ok(None)]);
        assert_eq!([before(Some(1)), before(Some(2_147_483_647))], [1, 2_147_483_647].map(|n| Ok(Some(Revision(n)))));
        for outside in [-1, 2_147_483_648, i64::MAX] {
            let refused = Refusal::Malformed("Before must be an integer from 0 to 2147483647".into());
            assert_eq!(before(Some(outside)), Err(refused));
        }
    }
}
