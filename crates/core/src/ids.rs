//! Account ids and chat group ids: who a conversation is with (docs/protocol.md, section 2).

use std::fmt;

use smol_str::SmolStr;

/// An account of an app: 1–32 bytes of UTF-8 without control characters. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(SmolStr);

/// A chat group of an app: 1–48 bytes, up to 96 for ids that begin with `@TGS#`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatGroupId(SmolStr);

/// Why a text is not an id. Its `Display` completes a sentence that begins with the field's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdProblem {
    /// No character at all.
    Empty,
    /// Longer than an id may be, in bytes.
    TooLong {
        /// Length of the refused text.
        bytes: usize,
        /// The longest that is accepted.
        bytes_max: usize,
    },
    /// A character below U+0020, U+007F or U+0080–U+009F.
    ControlCharacter,
}

impl AccountId {
    /// The longest account id, in bytes.
    pub const BYTES_MAX: usize = 32;

    /// Reads an account id.
    ///
    /// # Errors
    /// [`IdProblem`] for a text that is empty, over 32 bytes, or holds a control character.
    pub fn parse(text: &str) -> Result<Self, IdProblem> {
        check(text, Self::BYTES_MAX)?;
        Ok(Self(text.into()))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ChatGroupId {
    /// How ids begin that the service assigned, and ids of communities and topics.
    pub const ASSIGNED_PREFIX: &'static str = "@TGS#";
    /// How ids of communities begin.
    pub const COMMUNITY_PREFIX: &'static str = "@TGS#_";
    /// The longest id an app chooses, in bytes.
    pub const BYTES_MAX: usize = 48;
    /// The longest id that begins with [`Self::ASSIGNED_PREFIX`], in bytes.
    pub const ASSIGNED_BYTES_MAX: usize = 96;

    /// Reads a chat group id.
    ///
    /// # Errors
    /// [`IdProblem`] for a text that is empty, too long for its kind, or holds a control character.
    pub fn parse(text: &str) -> Result<Self, IdProblem> {
        let assigned = text.starts_with(Self::ASSIGNED_PREFIX);
        check(text, if assigned { Self::ASSIGNED_BYTES_MAX } else { Self::BYTES_MAX })?;
        Ok(Self(text.into()))
    }

    /// The id the service gives when the app chose none: `@TGS#` and nine characters of `A–Z0–9`.
    pub fn assigned(random: u64) -> Self {
        Self::drawn("", random)
    }

    /// The id the service gives to a community: `@TGS#_@TGS#` and nine characters of `A–Z0–9`.
    pub fn assigned_to_community(random: u64) -> Self {
        Self::drawn(Self::COMMUNITY_PREFIX, random)
    }

    fn drawn(before: &str, random: u64) -> Self {
        const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let mut id = [before, Self::ASSIGNED_PREFIX].concat();
        let mut rest = random;
        for _ in 0..9 {
            id.push(char::from(ALPHABET[(rest % 36) as usize]));
            rest /= 36;
        }
        Self(id.into())
    }

    /// Whether the id has the form of those the service gives.
    pub fn is_assigned(&self) -> bool {
        self.0.starts_with(Self::ASSIGNED_PREFIX)
    }

    /// Whether the id has the form of a community's.
    pub fn is_of_community(&self) -> bool {
        self.0.starts_with(Self::COMMUNITY_PREFIX)
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for AccountId {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

fn check(text: &str, bytes_max: usize) -> Result<(), IdProblem> {
    match text.len() {
        0 => Err(IdProblem::Empty),
        bytes if bytes > bytes_max => Err(IdProblem::TooLong { bytes, bytes_max }),
        _ if text.chars().any(char::is_control) => Err(IdProblem::ControlCharacter),
        _ => Ok(()),
    }
}

impl fmt::Display for IdProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("must not be empty"),
            Self::TooLong { bytes, bytes_max } => write!(f, "is {bytes} bytes long, at most {bytes_max} are allowed"),
            Self::ControlCharacter => f.write_str("must not contain control characters"),
        }
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ChatGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for ChatGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_has_1_to_32_bytes_not_characters() {
        assert_eq!(AccountId::parse(""), Err(IdProblem::Empty));
        assert!(AccountId::parse(&"é".repeat(16)).is_ok());
        assert_eq!(AccountId::parse(&"é".repeat(17)), Err(IdProblem::TooLong { bytes: 34, bytes_max: 32 }));
    }

    #[test]
    fn control_characters_are_refused_in_ids() {
        for text in ["a\nb", "\0", "a\u{7f}", "a\u{85}"] {
            assert_eq!(AccountId::parse(text), Err(IdProblem::ControlCharacter));
            assert_eq!(ChatGroupId::parse(text), Err(IdProblem::ControlCharacter));
        }
    }

    #[test]
    fn only_a_chat_group_id_with_the_assigned_prefix_may_have_96_bytes() {
        assert!(ChatGroupId::parse(&"g".repeat(48)).is_ok());
        assert!(ChatGroupId::parse(&"g".repeat(49)).is_err());
        assert!(ChatGroupId::parse(&format!("@TGS#{}", "g".repeat(91))).is_ok());
        assert!(ChatGroupId::parse(&format!("@TGS#{}", "g".repeat(92))).is_err());
    }

    #[test]
    fn an_assigned_id_is_the_prefix_and_nine_capitals_or_digits() {
        let id = ChatGroupId::assigned(u64::MAX);
        assert_eq!(id.as_str().len(), 14);
        assert!(id.is_assigned() && ChatGroupId::parse(id.as_str()).is_ok());
        assert!(id.as_str()[5..].bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        assert_ne!(id, ChatGroupId::assigned(0));
    }

    #[test]
    fn the_assigned_id_of_a_community_has_a_second_prefix_before_it() {
        let (id, other) = (ChatGroupId::assigned_to_community(7), ChatGroupId::assigned(7));
        assert_eq!(id.as_str(), format!("@TGS#_{other}"));
        assert!(id.is_of_community() && id.is_assigned() && !other.is_of_community());
        assert!(ChatGroupId::parse(id.as_str()).is_ok());
    }
}
