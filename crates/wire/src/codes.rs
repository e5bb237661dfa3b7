//! Every number with which the service refuses, and what it means (docs/protocol.md): one table, from which the type,
//! the documents and the tests are made.

use crate::Service;

/// Makes [`Code`] from its table, one line a code:
///
/// ```text
/// Name = number, the services whose answers may hold it, "what it means, as half a sentence for a table";
/// PinsFull = 51012, ARRANGING, "the account has all the pins that it may have";
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
const ARRANGING: &[Service] = &[Service::RecentContact, Service::Pinfold];
const ACCOUNT: &[Service] = &[Service::Account];
const GROUP: &[Service] = &[Service::Group];
const OPEN_IM: &[Service] = &[Service::OpenIm];
const ACCOUNT_AND_OPEN_IM: &[Service] = &[Service::Account, Service::OpenIm];
const EVERY: &[Service] = &Service::ALL;

codes! {
    GroupInternal = 10002, GROUP, "internal error; the log says more";
    GroupBadParameter = 10004, GROUP, "a field is missing or malformed; the text says which";
    GroupNoPermission = 10007, GROUP, "the caller is not an administrator of the app";
    GroupUnknown = 10010, GROUP, "the chat group is unknown or was destroyed";
    GroupBadId = 10015, GROUP, "the chat group id has a form that is not allowed";
    GroupIdInUse = 10021, GROUP, "the chat group id is in use";
    GroupIdInUseBySameOwner = 10025, GROUP, "the chat group id is in use by a chat group of the same owner";
    // Codes of messages: https://www.tencentcloud.com/document/product/1047/34919 and the pages of the other commands.
    MessageAccountUnknown = 20003, OPEN_IM, "the sender is not imported";
    AccountNotImported = 50001, ARRANGING, "the account is not imported";
    BadParameter = 50002, ARRANGING, "a field is missing or malformed; the text says which";
    NotAdministrator = 50003, ARRANGING,
        "the caller is not an administrator of the app, and may not call for this account";
    Internal = 50004, ARRANGING, "internal error; the log says more";
    StoreTimeout = 50005, ARRANGING, "the store did not answer in time";
    ConversationCount = 51006, RECENT_CONTACT, "the call names too few or too many conversations";
    ChatGroupUnknown = 51007, RECENT_CONTACT, "the chat group of a conversation is unknown or was destroyed";
    ConversationsFull = 51008, ARRANGING,
        "the account has all the conversations with groups or marks that it may have";
    ConversationGroupUnknown = 51009, ARRANGING, "the account has no conversation group of this name";
    ConversationGroupsFull = 51010, ARRANGING, "the account has all the conversation groups that it may have";
    NameLength = 51011, ARRANGING, "the name of the conversation group is empty or too long";
    PinsFull = 51012, ARRANGING, "the account has all the pins that it may have";
    EditionLacks = 51013, ARRANGING, "the app's edition has no conversation groups and no standard marks";
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
    AccountUnknown = 70107, ACCOUNT_AND_OPEN_IM, "the account does not exist";
    AccountBadParameter = 70402, ACCOUNT, "a field is missing or malformed; the text says which";
    AccountNotAdministrator = 70403, ACCOUNT, "the caller is not an administrator of the app";
    AccountInternal = 70500, ACCOUNT, "internal error; the log says more";
    MessageMalformed = 90001, OPEN_IM, "a field of the message is malformed; the text says which";
    MessageBodyMissing = 90002, OPEN_IM, "MsgBody is missing or empty";
    ReceiverMalformed = 90003, OPEN_IM, "To_Account is missing or malformed";
    MessageRandomMalformed = 90005, OPEN_IM, "MsgRandom is missing or not an integer of 32 bits";
    MessageTimeMalformed = 90006, OPEN_IM, "MsgTimeStamp is not an integer, or missing or out of range in importmsg";
    MessageBodyNotArray = 90007, OPEN_IM, "MsgBody is not an array";
    SenderMalformed = 90008, OPEN_IM,
        "From_Account is malformed, missing in importmsg, or not imported in batchsendmsg";
    MessageNotAdministrator = 90009, OPEN_IM, "the caller is not an administrator of the app";
    MessageElementMalformed = 90010, OPEN_IM, "an element of MsgBody is malformed";
    ReceiversTooMany = 90011, OPEN_IM, "the call names more receivers than a call may";
    ReceiverUnknown = 90012, OPEN_IM, "the receiver, or every one of them, is not imported";
    LifeTimeOutOfRange = 90026, OPEN_IM, "MsgLifeTime is negative";
    SyncFromOldSystemMalformed = 90030, OPEN_IM, "SyncFromOldSystem is missing or not an integer";
    SyncOtherMachineMalformed = 90031, OPEN_IM, "SyncOtherMachine is neither 1 nor 2";
    LifeTimeMalformed = 90044, OPEN_IM, "MsgLifeTime is not an integer";
    SenderUnknown = 90048, OPEN_IM, "the sender of an imported message is not imported";
    MessageInternal = 90992, OPEN_IM, "internal error; the log says more";
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
