//! Texts that most changes have, by number. They are frequent texts and not rules: any other one is written out.
//!
//! The numbers are a format on disk. A new word gets the next number, and none is ever removed or moved.

/// Commands by their number, which begins at 1; 31 at most.
const COMMANDS: [&str; 12] = [
    "account_import",
    "multiaccount_import",
    "create_contact_group",
    "update_contact_group",
    "del_contact_group",
    "mark_contact",
    "top",
    "delete",
    "order_groups",
    "order_pins",
    "set_group_data",
    "undo",
];

/// Callers by their number, which begins at 1; 253 at most.
const CALLERS: [&str; 1] = ["administrator"];

/// The number of a command; `None` if it has to be written out.
pub(super) fn number_of_command(command: &str) -> Option<u8> {
    number(&COMMANDS, command)
}

/// The command of this number; `None` for one that this build does not know.
pub(super) fn command(number: u8) -> Option<&'static str> {
    word(&COMMANDS, number)
}

/// The number of a caller; `None` if it has to be written out.
pub(super) fn number_of_caller(caller: &str) -> Option<u8> {
    number(&CALLERS, caller)
}

/// The caller of this number; `None` for one that this build does not know.
pub(super) fn caller(number: u8) -> Option<&'static str> {
    word(&CALLERS, number)
}

fn number(words: &[&str], text: &str) -> Option<u8> {
    let place = words.iter().position(|word| *word == text)?;
    u8::try_from(place + 1).ok()
}

fn word(words: &[&'static str], number: u8) -> Option<&'static str> {
    words.get(usize::from(number).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_words_are_what_older_builds_wrote() {
        let commands = COMMANDS.map(|word| number_of_command(word).unwrap());
        assert_eq!(commands, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        let pinned = [(1, "account_import"), (2, "multiaccount_import"), (3, "create_contact_group")];
        let and = [(4, "update_contact_group"), (5, "del_contact_group"), (6, "mark_contact"), (7, "top")];
        let more = [(8, "delete"), (9, "order_groups"), (10, "order_pins"), (11, "set_group_data"), (12, "undo")];
        for (number, text) in [&pinned[..], &and, &more].concat() {
            assert_eq!(command(number), Some(text));
        }
        assert_eq!(number_of_caller("administrator"), Some(1));
        assert_eq!(caller(1), Some("administrator"));
    }

    #[test]
    fn there_is_room_for_the_words_beside_what_else_their_byte_says() {
        assert!(COMMANDS.len() <= 31 && CALLERS.len() <= 253);
    }

    #[test]
    fn another_text_has_no_number_and_0_names_no_word() {
        assert_eq!((number_of_command("Top"), number_of_caller("alice")), (None, None));
        assert_eq!((command(0), command(13), caller(0), caller(2)), (None, None, None, None));
    }
}
