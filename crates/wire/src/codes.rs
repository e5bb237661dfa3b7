//! Every number with which the service refuses, and what it means (docs/protocol.md).

use crate::{
    Service,
    user_sig::{SigProblem, Unreadable},
};

/// A refusal's number. Success is 0 and no `Code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
#[expect(missing_docs, reason = "each is described by `meaning`, which the documents are made of")]
pub enum Code {
    GroupInternal = 10002,
    GroupBadParameter = 10004,
    GroupNoPermission = 10007,
    GroupUnknown = 10010,
    GroupBadId = 10015,
    GroupIdInUse = 10021,
    GroupIdInUseBySameOwner = 10025,
    AccountNotImported = 50001,
    BadParameter = 50002,
    NotAdministrator = 50003,
    Internal = 50004,
    StoreTimeout = 50005,
    ConversationCount = 51006,
    ChatGroupUnknown = 51007,
    ConversationsFull = 51008,
    ConversationGroupUnknown = 51009,
    ConversationGroupsFull = 51010,
    NameLength = 51011,
    PinsFull = 51012,
    EditionLacks = 51013,
    RequestNotParsable = 60002,
    BodyNotJson = 60003,
    CallerMissing = 60004,
    AppUnknown = 60006,
    CommandTooOften = 60007,
    TimedOut = 60008,
    NoSuchCommand = 60009,
    AppTooOften = 60011,
    AppIdMissing = 60012,
    AccountIdNotString = 60015,
    AppDisabled = 60016,
    Overloaded = 60018,
    AddressNotAllowed = 60021,
    SigExpired = 70001,
    SigMissing = 70002,
    SigUnreadable = 70003,
    SigOfOtherKey = 70009,
    SigOfOtherIdentifier = 70013,
    SigOfOtherApp = 70014,
    SigTooManyFailed = 70050,
    AccountUnknown = 70107,
    AccountBadParameter = 70402,
    AccountNotAdministrator = 70403,
    AccountInternal = 70500,
}

impl Code {
    /// Every code, ascending by number.
    pub const ALL: [Code; 44] = [
        Code::GroupInternal,
        Code::GroupBadParameter,
        Code::GroupNoPermission,
        Code::GroupUnknown,
        Code::GroupBadId,
        Code::GroupIdInUse,
        Code::GroupIdInUseBySameOwner,
        Code::AccountNotImported,
        Code::BadParameter,
        Code::NotAdministrator,
        Code::Internal,
        Code::StoreTimeout,
        Code::ConversationCount,
        Code::ChatGroupUnknown,
        Code::ConversationsFull,
        Code::ConversationGroupUnknown,
        Code::ConversationGroupsFull,
        Code::NameLength,
        Code::PinsFull,
        Code::EditionLacks,
        Code::RequestNotParsable,
        Code::BodyNotJson,
        Code::CallerMissing,
        Code::AppUnknown,
        Code::CommandTooOften,
        Code::TimedOut,
        Code::NoSuchCommand,
        Code::AppTooOften,
        Code::AppIdMissing,
        Code::AccountIdNotString,
        Code::AppDisabled,
        Code::Overloaded,
        Code::AddressNotAllowed,
        Code::SigExpired,
        Code::SigMissing,
        Code::SigUnreadable,
        Code::SigOfOtherKey,
        Code::SigOfOtherIdentifier,
        Code::SigOfOtherApp,
        Code::SigTooManyFailed,
        Code::AccountUnknown,
        Code::AccountBadParameter,
        Code::AccountNotAdministrator,
        Code::AccountInternal,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The code of a number; `None` for 0 and for numbers the service never answers.
    pub fn from_number(number: u32) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.number() == number)
    }

    /// The services whose answers may hold it.
    pub const fn services(self) -> &'static [Service] {
        match self.number() {
            10_000..20_000 => &[Service::Group],
            50_000..60_000 => &[Service::RecentContact],
            70_100..80_000 => &[Service::Account],
            _ => &Service::ALL,
        }
    }

    /// What it means, as half a sentence for a table.
    pub const fn meaning(self) -> &'static str {
        match self {
            Code::GroupInternal | Code::Internal | Code::AccountInternal => "internal error; the log says more",
            Code::GroupBadParameter | Code::BadParameter | Code::AccountBadParameter => {
                "a field is missing or malformed; the text says which"
            }
            Code::GroupNoPermission | Code::NotAdministrator | Code::AccountNotAdministrator => {
                "the caller is not an administrator of the app"
            }
            Code::GroupUnknown => "the chat group is unknown or was destroyed",
            Code::GroupBadId => "the chat group id has a form that is not allowed",
            Code::GroupIdInUse => "the chat group id is in use",
            Code::GroupIdInUseBySameOwner => "the chat group id is in use by a chat group of the same owner",
            Code::AccountNotImported => "the account is not imported",
            Code::StoreTimeout => "the store did not answer in time",
            Code::ConversationCount => "the call names too few or too many conversations",
            Code::ChatGroupUnknown => "the chat group of a conversation is unknown or was destroyed",
            Code::ConversationsFull => "the account has all the conversations with groups or marks that it may have",
            Code::ConversationGroupUnknown => "the account has no conversation group of this name",
            Code::ConversationGroupsFull => "the account has all the conversation groups that it may have",
            Code::NameLength => "the name of the conversation group is empty or too long",
            Code::PinsFull => "the account has all the pins that it may have",
            Code::EditionLacks => "the app's edition has no conversation groups and no standard marks",
            Code::RequestNotParsable => "the request cannot be parsed: another method than POST, or a body too large",
            Code::BodyNotJson => "the body is not one JSON object with every key once",
            Code::CallerMissing => "identifier is missing in the URL",
            Code::AppUnknown => "there is no such app",
            Code::CommandTooOften => "the app calls this command too often",
            Code::TimedOut => "the call took too long",
            Code::NoSuchCommand => "there is no such command",
            Code::AppTooOften => "the app calls too often",
            Code::AppIdMissing => "sdkappid is missing in the URL or not a number",
            Code::AccountIdNotString => "an account id is not a string",
            Code::AppDisabled => "the app is disabled",
            Code::Overloaded => "the service is overloaded; try again",
            Code::AddressNotAllowed => "the app does not allow calls from this address",
            Code::SigExpired => "the signature has expired",
            Code::SigMissing => "usersig is missing in the URL",
            Code::SigUnreadable => "the signature cannot be read",
            Code::SigOfOtherKey => "the signature was not made with a key of the app",
            Code::SigOfOtherIdentifier => "the signature is of another identifier",
            Code::SigOfOtherApp => "the signature is of another app",
            Code::SigTooManyFailed => "too many bad signatures from this address within a minute",
            Code::AccountUnknown => "the account does not exist",
        }
    }
}

impl From<&SigProblem> for Code {
    fn from(problem: &SigProblem) -> Code {
        match problem {
            SigProblem::Unreadable(Unreadable::Empty) => Code::SigMissing,
            SigProblem::Unreadable(_) => Code::SigUnreadable,
            SigProblem::OtherApp { .. } => Code::SigOfOtherApp,
            SigProblem::OtherIdentifier { .. } => Code::SigOfOtherIdentifier,
            SigProblem::Expired { .. } => Code::SigExpired,
            SigProblem::OtherKey { .. } => Code::SigOfOtherKey,
        }
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
    fn no_code_is_left_out_of_the_list() {
        let variants = include_str!("codes.rs").lines().filter(|line| {
            line.split_once(" = ").is_some_and(|(_, number)| number.trim_end_matches(',').parse::<u32>().is_ok())
        });
        assert_eq!(variants.count(), Code::ALL.len());
    }

    #[test]
    fn a_code_is_found_by_its_number_and_success_is_none() {
        for code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(code));
        }
        assert_eq!(Code::from_number(0), None);
    }

    #[test]
    fn every_code_has_a_meaning_and_a_service() {
        for code in Code::ALL {
            assert!(!code.meaning().is_empty() && !code.services().is_empty(), "{code:?}");
        }
        assert_eq!(Code::PinsFull.services(), [Service::RecentContact]);
        assert_eq!(Code::AccountUnknown.services(), [Service::Account]);
        assert_eq!(Code::GroupBadId.services(), [Service::Group]);
        assert_eq!(Code::SigTooManyFailed.services(), Service::ALL);
    }

    #[test]
    fn a_bad_signature_has_the_number_that_its_problem_says() {
        let problems = [
            SigProblem::Unreadable(Unreadable::Empty),
            SigProblem::Unreadable(Unreadable::NotJson),
            SigProblem::OtherApp { signed: 1, asked: 2 },
            SigProblem::OtherIdentifier { signed: "a".to_owned(), asked: "b".to_owned() },
            SigProblem::Expired { at: 1, now: 2 },
            SigProblem::OtherKey { sdkappid: 1 },
        ];
        for problem in problems {
            assert_eq!(Code::from(&problem).number(), problem.code());
        }
    }
}
