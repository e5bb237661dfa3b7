//! The account service: importing accounts and deleting them.

use crate::{AccountId, Draft, Profile, Refusal};

/// Imports an account. Importing again is no error and updates nick and picture.
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
/// [`Refusal::AccountUnknown`] where nothing is kept.
pub fn delete_account(draft: &mut Draft<'_>, account: &AccountId) -> Result<(), Refusal> {
    if draft.base().is_empty() {
        return Err(Refusal::AccountUnknown(account.clone()));
    }
    draft.delete();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::{Event, Timestamp, decide};

    #[test]
    fn importing_again_updates_the_profile_and_keeps_what_is_arranged() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let profile = Profile { nick: "Al".into(), face_url: String::new() };
        let before = world.state.clone();
        let ((), changes) = decide(&world.state, Timestamp(9), |draft| import_account(draft, &profile)).unwrap();
        world.state.apply(&changes.unwrap());
        assert_eq!(world.state, crate::AccountState { profile: profile.clone(), ..before });
        let again = decide(&world.state, Timestamp(9), |draft| import_account(draft, &profile)).unwrap();
        assert_eq!(again.1, None);
    }

    #[test]
    fn a_deleted_account_keeps_nothing_and_cannot_be_deleted_again() {
        let mut world = World::new();
        world.create("Work", &[one("bob")]).unwrap();
        let account = world.account.clone();
        let ((), changes) = decide(&world.state, Timestamp(9), |draft| delete_account(draft, &account)).unwrap();
        let changes = changes.unwrap();
        assert_eq!(Event::between(&world.state, &changes), [Event::AccountDeleted]);
        world.state.apply(&changes);
        assert!(world.state.is_empty());
        let again = decide(&world.state, Timestamp(9), |draft| delete_account(draft, &account));
        assert_eq!(again, Err(Refusal::AccountUnknown(account)));
    }
}
