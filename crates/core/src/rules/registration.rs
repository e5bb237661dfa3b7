//! The account service: importing accounts and deleting them.

use crate::{AccountId, Draft, Limits, Profile, Refusal};

/// Refuses a call of the account service that names no account in the array `field`, or too many.
///
/// # Errors
/// [`Refusal::ListLength`].
pub fn accounts_per_call(limits: &Limits, field: &'static str, given: usize) -> Result<(), Refusal> {
    Refusal::unless_list_fits(field, "accounts", given, limits.accounts_per_call_max)
}

/// Refuses a nick name that is too long.
///
/// # Errors
/// [`Refusal::TextLength`].
pub fn nick_fits(limits: &Limits, nick: &str) -> Result<(), Refusal> {
    Refusal::unless_text_fits("Nick", nick, limits.nick_bytes_max)
}

/// Refuses an address of a picture that is too long.
///
/// # Errors
/// [`Refusal::TextLength`].
pub fn face_url_fits(limits: &Limits, face_url: &str) -> Result<(), Refusal> {
    Refusal::unless_text_fits("FaceUrl", face_url, limits.face_url_bytes_max)
}

/// Imports an account. Importing again succeeds and updates nick and picture.
///
/// # Errors
/// None; the signature is that of every rule.
pub fn import_account(draft: &mut Draft<'_>, profile: &Profile) -> Result<(), Refusal> {
    draft.import(profile.clone());
    Ok(())
}

/// Deletes an account with all that was kept for it. What other accounts keep about conversations
/// with it stays until they remove it.
///
/// # Errors
/// [`Refusal::AccountUnknown`] for an account that does not exist.
pub fn delete_account(draft: &mut Draft<'_>, account: &AccountId) -> Result<(), Refusal> {
    if !draft.exists() {
        return Err(Refusal::AccountUnknown(account.clone()));
    }
    draft.delete();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::{HistoryChange, PeerStatuses, StateDiff, Timestamp, decide};

    #[test]
    fn importing_again_updates_the_profile_and_keeps_what_is_arranged() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let profile = Profile { nick: "Al".into(), face_url: String::new() };
        let (mut after, now) = (world.state.clone(), Timestamp(world.now));
        let import = |state: &crate::AccountState| {
            decide(state, true, &PeerStatuses::default(), now, |draft| import_account(draft, &profile)).unwrap().1
        };
        after.apply(&import(&after).unwrap());
        assert_eq!((after.head.revision, &after.profile), (world.state.head.revision + 1, &profile));
        assert_eq!(import(&after), None);
        (after.head.revision, after.profile) = (world.state.head.revision, Profile::default());
        assert_eq!(after, world.state);
    }

    #[test]
    fn a_profile_and_an_array_of_accounts_have_their_limits() {
        let limits = Limits::default();
        let (long, too_long) = ("n".repeat(500), "n".repeat(501));
        assert!(nick_fits(&limits, &long).is_ok() && face_url_fits(&limits, &long).is_ok());
        let refused = |field| Err(Refusal::TextLength { field, bytes: 501, bytes_max: 500 });
        assert_eq!(nick_fits(&limits, &too_long), refused("Nick"));
        assert_eq!(face_url_fits(&limits, &too_long), refused("FaceUrl"));
        for (given, fits) in [(0, false), (1, true), (100, true), (101, false)] {
            assert_eq!(accounts_per_call(&limits, "CheckItem", given).is_ok(), fits, "{given}");
        }
    }

    #[test]
    fn an_account_of_which_nothing_but_its_existence_is_kept_comes_to_be_once_and_can_be_deleted() {
        let (state, peers, now) = (crate::AccountState::default(), PeerStatuses::default(), Timestamp(9));
        let ensure = |draft: &mut Draft<'_>| {
            draft.ensure_exists();
            Ok(())
        };
        let empty = StateDiff { head: Some(state.head.clone()), ..StateDiff::default() };
        assert_eq!(decide(&state, false, &peers, now, ensure), Ok(((), Some(empty))));
        assert_eq!(decide(&state, true, &peers, now, ensure), Ok(((), None)));
        let account = AccountId::parse("alice").unwrap();
        let deleted = decide(&state, true, &peers, now, |draft| delete_account(draft, &account));
        assert_eq!(deleted, Ok(((), Some(StateDiff::default()))));
    }

    #[test]
    fn a_deleted_account_keeps_nothing_and_cannot_be_deleted_again() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let account = world.account.clone();
        let ((), changes) =
            decide(&world.state, true, &PeerStatuses::default(), Timestamp(9), |draft| delete_account(draft, &account))
                .unwrap();
        let changes = changes.unwrap();
        assert_eq!(HistoryChange::of(&world.state, &changes, &origin("account_delete")), None);
        world.state.apply(&changes);
        assert!(world.state.is_empty());
        let again = decide(&world.state, false, &PeerStatuses::default(), Timestamp(9), |draft| {
            delete_account(draft, &account)
        });
        assert_eq!(again, Err(Refusal::AccountUnknown(account)));
    }
}
