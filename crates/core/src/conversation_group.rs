//! Conversation groups: a name and a number under which an account gathers conversations.

use std::fmt;

use smol_str::SmolStr;

use crate::{GroupData, Limits, Refusal};

/// Number of a conversation group: counts up from 1 within an account and is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationGroupId(pub u32);

/// A conversation group as an account keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationGroup {
    /// Its name; no other group of the account has it.
    pub name: GroupName,
    /// A text of the app's own, if any.
    pub data: Option<GroupData>,
}

impl From<GroupName> for ConversationGroup {
    /// A group of this name without data.
    fn from(name: GroupName) -> Self {
        Self { name, data: None }
    }
}

/// Name of a conversation group: 1 to [`Limits::name_bytes_max`] bytes, compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(SmolStr);

impl GroupName {
    /// Reads a name; nothing is trimmed. It may be one from a time when longer names were allowed:
    /// [`GroupName::fits`] is for those that would be new.
    ///
    /// # Errors
    /// [`Refusal::NameLength`] for an empty name.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, Refusal> {
        if text.is_empty() {
            return Err(Refusal::NameLength { bytes: 0, bytes_max: limits.name_bytes_max });
        }
        Ok(Self(text.into()))
    }

    /// Refuses a new name that is too long.
    ///
    /// # Errors
    /// [`Refusal::NameLength`] over the limit.
    pub fn fits(&self, limits: &Limits) -> Result<(), Refusal> {
        let (bytes, bytes_max) = (self.0.len(), limits.name_bytes_max);
        if bytes > bytes_max { Err(Refusal::NameLength { bytes, bytes_max }) } else { Ok(()) }
    }

    /// A name that was accepted before, as it comes back from a store: limits may have shrunk since.
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_32_bytes_and_keeps_its_spaces() {
        let limits = Limits::default();
        assert_eq!(GroupName::parse("", &limits), Err(Refusal::NameLength { bytes: 0, bytes_max: 32 }));
        assert_eq!(GroupName::parse(" a ", &limits).unwrap().as_str(), " a ");
        assert!(GroupName::stored(&"工".repeat(10)).fits(&limits).is_ok());
        let too_long = GroupName::stored(&"工".repeat(11)).fits(&limits);
        assert_eq!(too_long, Err(Refusal::NameLength { bytes: 33, bytes_max: 32 }));
    }
}
