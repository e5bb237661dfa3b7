//! The text of a cursor: where a client stands in the changes of one account. It proves nothing and permits nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pinfold_core::Revision;
use pinfold_store::{AccountKey, Life};
use sha2::{Digest, Sha256};

use super::position::Standing;

/// The first byte.
const FORMAT: u8 = 1;
/// The format, life and revision, and the sum of what the cursor is for.
const BYTES: usize = 1 + 8 + 4 + SUM_BYTES;
const SUM_BYTES: usize = 4;

/// The cursor of an account that stands here.
pub(super) fn write(account: &AccountKey, at: Standing) -> String {
    URL_SAFE_NO_PAD.encode(bytes(account, at))
}

/// Where the client of this account stands. `None` for every text that is not a cursor of it.
pub(super) fn read(account: &AccountKey, text: &str) -> Option<Standing> {
    let mut read = [0; BYTES];
    // A longer text does not fit, and one that is shorter has another sum.
    URL_SAFE_NO_PAD.decode_slice(text, &mut read).ok()?;
    let [_, body @ ..] = &read;
    let (life, body) = body.split_first_chunk()?;
    let (revision, _) = body.split_first_chunk()?;
    let life = Life(u64::from_be_bytes(*life));
    let at = Standing { life, revision: Revision(u32::from_be_bytes(*revision)) };
    (bytes(account, at) == read).then_some(at)
}

fn bytes(account: &AccountKey, at: Standing) -> [u8; BYTES] {
    let (life, revision) = (at.life.0.to_be_bytes(), at.revision.0.to_be_bytes());
    // It tells the accounts of one life apart: all those of pinfold 0.1.0 have life 0.
    let sum = Sha256::new()
        .chain_update("pinfold cursor")
        .chain_update(account.app.0.to_be_bytes())
        .chain_update(account.account.as_str())
        .chain_update(life)
        .chain_update(revision)
        .finalize();
    let mut bytes = [FORMAT; BYTES];
    bytes[1..9].copy_from_slice(&life);
    bytes[9..13].copy_from_slice(&revision);
    bytes[13..].copy_from_slice(&sum[..SUM_BYTES]);
    bytes
}

#[cfg(test)]
mod tests {
    use pinfold_core::{AccountId, AppId};
    use proptest::prelude::*;

    use super::*;

    fn account(app: u32, id: &str) -> AccountKey {
        AccountKey { app: AppId(app), account: AccountId::parse(id).unwrap() }
    }

    fn standing(life: u64, revision: u32) -> Standing {
        Standing { life: Life(life), revision: Revision(revision) }
    }

    #[test]
    fn a_cursor_is_a_short_text_for_urls_that_stays_the_same() {
        let text = write(&account(1_400_000_001, "alice"), standing(0x19ef_3d67_12e4_b801, 3));
        assert_eq!(text, "ARnvPWcS5LgBAAAAA3ClhdQ");
    }

    #[test]
    fn a_cursor_is_of_one_account_of_one_app() {
        let text = write(&account(1, "alice"), standing(0, 7));
        assert_eq!(read(&account(1, "alice"), &text), Some(standing(0, 7)));
        for other in [account(1, "alicf"), account(1, "Alice"), account(2, "alice")] {
            assert_eq!(read(&other, &text), None);
        }
    }

    #[test]
    fn a_cursor_that_is_cut_continued_or_has_another_character_is_not_one() {
        let (alice, text) = (account(1, "alice"), write(&account(1, "alice"), standing(u64::MAX, u32::MAX)));
        for length in 0..text.len() {
            assert_eq!(read(&alice, &text[..length]), None, "{length}");
            for character in "A_-b=. \u{e9}".chars().filter(|character| !text[length..].starts_with(*character)) {
                let changed = format!("{}{character}{}", &text[..length], &text[length + 1..]);
                assert_eq!(read(&alice, &changed), None, "{changed}");
            }
        }
        for longer in [format!("{text}A"), format!("{text}="), format!(" {text}"), text.repeat(50_000)] {
            assert_eq!(read(&alice, &longer), None);
        }
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_as_it_was_written(life: u64, revision: u32, id in "[a-z]{1,32}") {
            let account = account(1, &id);
            prop_assert_eq!(read(&account, &write(&account, standing(life, revision))), Some(standing(life, revision)));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,40}|[A-Za-z0-9_-]{23}") {
            prop_assert_eq!(read(&account(1, "alice"), &text), None);
        }
    }
}
