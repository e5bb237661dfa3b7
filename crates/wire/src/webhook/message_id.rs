//! The identifier of a webhook request, which stays the same however often the request is sent.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Escaped in an account: everything but ASCII letters, digits and `_`. So neither the `-` between the parts nor the `.`
/// that separates what is signed can come from an account.
const IN_ACCOUNT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_');

/// `webhook-id`: one for each change and command. A receiver that keeps those it has handled handles none twice.
///
/// `Display` is `1400000001-alice-0123456789abcdef-12-ContactMark`, at most 154 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageId<'a> {
    /// The app, `SdkAppid`.
    pub app: u32,
    /// The account that changed.
    pub account: &'a str,
    /// Tells the account from others that had its name; written as 16 hexadecimal digits.
    pub life: u64,
    /// Which change of the account it is.
    pub revision: u32,
    /// The short name of the webhook command.
    pub command: &'a str,
}

impl fmt::Display for MessageId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { app, account, life, revision, command } = self;
        write!(f, "{app}-{}-{life:016x}-{revision}-{command}", utf8_percent_encode(account, IN_ACCOUNT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(account: &str) -> String {
        MessageId { app: 1_400_000_001, account, life: 0xab, revision: 12, command: "ContactMark" }.to_string()
    }

    #[test]
    fn an_id_is_made_of_app_account_life_revision_and_command() {
        assert_eq!(id("alice_1"), "1400000001-alice_1-00000000000000ab-12-ContactMark");
    }

    #[test]
    fn an_account_cannot_end_its_part_of_the_id_or_hold_what_a_header_may_not() {
        assert_eq!(id("a-b.c é"), "1400000001-a%2Db%2Ec%20%C3%A9-00000000000000ab-12-ContactMark");
    }

    #[test]
    fn the_longest_id_has_154_characters() {
        let account = "é".repeat(16);
        let (life, revision) = (u64::MAX, i32::MAX.unsigned_abs());
        let longest =
            MessageId { app: u32::MAX, account: &account, life, revision, command: "ContactGroupCreate" }.to_string();
        assert_eq!(longest.len(), 154);
    }
}
