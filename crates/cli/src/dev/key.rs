//! The app's key: made once, then kept.

use std::path::Path;

use pinfold_server::config::Secret;

use super::files;
use crate::failure::Failure;
use crate::identity;

/// Random bytes in a key.
const BYTES: usize = 32;

/// The key in this file, which is made if it is missing.
pub(super) fn get_or_make(path: &Path) -> Result<Secret, Failure> {
    if let Some(text) = files::read(path)? {
        return identity::first_key_of(&text, path);
    }
    let text = format!("{}\n", random());
    files::write(path, &text, files::PRIVATE)?;
    identity::first_key_of(&text, path)
}

/// The digits of a random number, as the keys of the protocol look.
fn random() -> String {
    hex::encode(rand::random::<[u8; BYTES]>())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let place = crate::dev::private_directory();
        let path = place.path().join("key");
        let first = get_or_make(&path).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert!(get_or_make(&path).unwrap() == first);
        assert!(get_or_make(&place.path().join("other")).unwrap() != first);
    }

    #[test]
    fn a_file_without_a_key_is_an_error_and_stays_as_it_is() {
        let place = crate::dev::private_directory();
        let path = place.path().join("key");
        fs::write(&path, "# mine\n").unwrap();
        assert!(get_or_make(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
    }
}
