//! `undo`: the opposite of a change, as a new change.

use std::collections::BTreeMap;

use crate::{Conversation, Head, HistoryChange, Refusal, Revision, Timestamp};

/// The entries of recent conversations that a change names, each with its time, as far as they are there.
pub type Entries = BTreeMap<Conversation, Timestamp>;

/// The change of this revision, of which the store kept `found`.
///
/// # Errors
/// [`Refusal::RevisionNotKept`], with the changes that `head` says may be kept.
pub fn kept_change<'a>(
    head: &Head,
    revision: Revision,
    found: Option<&'a HistoryChange>,
) -> Result<&'a HistoryChange, Refusal> {
    let kept = (head.history_from > 0).then_some((Revision(head.history_from), Revision(head.revision)));
    found.ok_or(Refusal::RevisionNotKept { revision, kept })
}
