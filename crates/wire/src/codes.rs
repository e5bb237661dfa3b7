//! Every number with which the service refuses, and what it means (docs/protocol.md): one table, from which the type,
//! the documents and the tests are made.

use crate::Service;

/// Makes [`Code`] from its table, one line a code:
///
/// ```text
/// Name = number, the services whose answers may hold it, "what it means, as half a sentence for a table";
/// PinsFull = 51012, RECENT_CONTACT, "the account has all the pins that it may have";
/// ```
macro_rules! codes {
    ($($name:ident = $number:literal, $services:ident, $meaning:literal;)*) => {
        /// A refusal's number. Success is 0 and no `Code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum Code {
            $(#[doc = $meaning] $name = $number,)*
        }

        impl Code {
            /// Every code, ascending by number.
            pub const ALL: [Code; [$($number),*].len()] = [$(Code::$name),*];

            /// The services whose answers may hold it.
            pub const fn services(self) -> &'static [Service] {
                match self { $(Code::$name => $services,)* }
            }

            /// What it means, as half a sentence for a table.
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$name => $meaning,)* }
            }
        }
    };
}

const RECENT_CONTACT: &[Service] = &[Service::RecentContact];
const ACCOUNT: &[Service] = &[Service::Account];
const GROUP: &[Service] = &[Service::Group];
const EVERY: &[Service] = &Service::ALL;

codes! {
    GroupInternal = 10002, GROUP, "internal error; the log says more";
    GroupBadParameter = 10004, GROUP, "a field is missing or malformed; the text says which";
    GroupNoPermission = 10007, GROUP, "the caller is not an administrator of the app";
    GroupUnknown = 10010, GROUP, "the chat group is unknown or was destroyed";
    GroupBadId = 10015, GROUP, "the chat group id has a form that is not allowed";
    GroupIdInUse = 10021, GROUP, "the chat group id is in use";
    GroupIdInUseBySameOwner = 10025, GROUP, "the chat group id is in use by a chat group of the same owner";
    AccountNotImported = 50001, RECENT_CONTACT, "the account is not imported";
    BadParameter = 50002, RECENT_CONTACT, "a field is missing or malformed; the text says which";
    NotAdministrator = 50003, RECENT_CONTACT,
        "the caller is not an administrator of the app, and may not call for this account";
    Internal = 50004, RECENT_CONTACT, "internal error; the log says more";
    StoreTimeout = 50005, RECENT_CONTACT, "the store did not answer in time";
    ConversationCount = 51006, RECENT_CONTACT, "the call names too few or too many conversations";
    ChatGroupUnknown = 51007, RECENT_CONTACT, "the chat group of a conversation is unknown or was destroyed";
    ConversationsFull = 51008, RECENT_CONTACT,
        "the account has all the conversations with groups or marks that it may have";
    ConversationGroupUnknown = 51009, RECENT_CONTACT, "the account has no conversation group of this name";
    ConversationGroupsFull = 51010, RECENT_CONTACT, "the account has all the conversation groups that it may have";
    NameLength = 51011, RECENT_CONTACT, "the name of the conversation group is empty or too long";
    PinsFull = 51012, RECENT_CONTACT, "the account has all the pins that it may have";
    EditionLacks = 51013, RECENT_CONTACT, "the app's edition has no conversation groups and no standard marks";
    RequestNotParsable = 60002, EVERY,
        "the request cannot be parsed: another method than POST, or a body too large";
    BodyNotJson = 60003, EVERY, "the body is not one JSON object with every key once";
    CallerMissing = 60004, EVERY, "identifier is missing in the URL";
    AppUnknown = 60006, EVERY, "there is no such app";
    CommandTooOften = 60007, EVERY, "the app calls this command too often, or an account calls too often for itself";
    TimedOut = 60008, EVERY, "the call took too long";
    NoSuchCommand = 60009, EVERY, "there is no such command";
    AppTooOften = 60011, EVERY, "the app calls too often";
    AppIdMissing = 60012, EVERY, "sdkappid is missing in the URL or not a number";
    AccountIdNotString = 60015, EVERY, "an account id is not a string";
    AppDisabled = 60016, EVERY, "the app is disabled";
    Overloaded = 60018, EVERY, "the service is overloaded; try again";
    AddressNotAllowed = 60021, EVERY, "the app does not allow calls from this address";
    SigExpired = 70001, EVERY, "the signature has expired";
    SigMissing = 70002, EVERY, "usersig is missing in the URL";
    SigUnreadable = 70003, EVERY, "the signature cannot be read";
    SigOfOtherKey = 70009, EVERY, "the signature was not made with a key of the app";
    SigOfOtherIdentifier = 70013, EVERY, "the signature is of another identifier";
    SigOfOtherApp = 70014, EVERY, "the signature is of another app";
    SigTooManyFailed = 70050, EVERY, "too many bad signatures from this address within a minute";
    AccountUnknown = 70107, ACCOUNT, "the account does not exist";
    AccountBadParameter = 70402, ACCOUNT, "a field is missing or malformed; the text says which";
    AccountNotAdministrator = 70403, ACCOUNT, "the caller is not an administrator of the app";
    AccountInternal = 70500, ACCOUNT, "internal error; the log says more";
}

impl Code {
    /// The number on the wire.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The code of a number; `None` for 0 and for numbers the service never answers.
    pub fn from_number(number: u32) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascending() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].number() < pair[1].number()));
    }

    #[test]
    fn a_code_is_found_by_its_number_and_success_is_none() {
        for code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(code));
        }
        assert_eq!(Code::from_number(0), None);
    }
}
