//! From a refusal of core or a failure of the store to a code of the protocol. Checks that come before a command name
//! their code themselves.

use pinfold_core::{MessagePart, Refusal};
use pinfold_store::{StoreError, UpdateError};
use pinfold_wire::body::BodyError;
use pinfold_wire::{Code, Service};

const OVERLOADED: &str = "the service is overloaded, try again";

/// Why a call is not answered with what it asked for.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The request as a whole is refused before any command looks at it.
    Request(Code, String),
    /// A rule said no.
    Refused(Refusal),
    /// The store could not do its work.
    Store(StoreError),
    /// A handler panicked; the panic itself is in the log.
    Panicked,
}

/// Why the service failed, for the log.
pub(crate) struct Cause {
    /// One word. The log limits its lines for each, so that a flood of one kind does not hide another.
    pub(crate) kind: &'static str,
    /// The whole of it.
    pub(crate) text: String,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        Self::Request(Code::BodyNotJson, error.to_string())
    }
}

impl From<UpdateError> for Failure {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Refused(refusal) => Self::Refused(refusal),
            UpdateError::Store(error) => Self::Store(error),
        }
    }
}

impl Failure {
    /// There is not enough memory for the body or the answer of the call.
    pub(crate) fn no_room() -> Self {
        Self::Request(Code::Overloaded, OVERLOADED.to_owned())
    }

    /// The same for a call that names so many things, of which the first ones were looked at.
    pub(crate) fn of_so_many(self, named: usize) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.of_so_many(named)),
            other @ (Self::Request(..) | Self::Store(_) | Self::Panicked) => other,
        }
    }

    /// The code and the sentence for the caller. Internal causes are left out; they are in the log.
    pub(crate) fn answer(&self, service: Option<Service>) -> (Code, String) {
        match self {
            Self::Request(code, sentence) => (*code, sentence.clone()),
            Self::Refused(refusal) => (refusal_code(refusal, service), refusal.to_string()),
            Self::Store(StoreError::Timeout) => (timed_out(service), "the store did not answer in time".into()),
            Self::Store(StoreError::Overloaded { .. } | StoreError::OverloadedBytes { .. }) => {
                (Code::Overloaded, OVERLOADED.into())
            }
            Self::Store(
                StoreError::Poisoned(_)
                | StoreError::OutOfService(_)
                | StoreError::Unreadable(_)
                | StoreError::Damaged(_)
                | StoreError::Failed(_),
            )
            | Self::Panicked => (internal(service), "internal error".into()),
        }
    }

    /// The cause to log for a failure that is the service's fault; `None` where it is the caller's.
    pub(crate) fn cause(&self) -> Option<Cause> {
        let (kind, text) = match self {
            Self::Store(error) => (store_kind(error), error.to_string()),
            Self::Panicked => ("panicked", "the handler panicked".to_owned()),
            Self::Refused(refusal @ Refusal::NumbersUsedUp) => ("numbers_used_up", refusal.to_string()),
            Self::Request(..) | Self::Refused(_) => return None,
        };
        Some(Cause { kind, text })
    }
}

fn store_kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Timeout => "timeout",
        StoreError::Overloaded { .. } | StoreError::OverloadedBytes { .. } => "overloaded",
        StoreError::Poisoned(_) => "poisoned",
        StoreError::OutOfService(_) => "out_of_service",
        StoreError::Unreadable(_) => "unreadable",
        StoreError::Damaged(_) => "damaged",
        StoreError::Failed(_) => "failed",
    }
}

/// The code of a refusal; it depends on the service that is asked.
pub(crate) fn refusal_code(refusal: &Refusal, service: Option<Service>) -> Code {
    match refusal {
        Refusal::AccountNotImported(_) | Refusal::PeerNotImported(_) => Code::AccountNotImported,
        Refusal::ChatGroupUnknown(_) if service == Some(Service::Group) => Code::GroupUnknown,
        Refusal::ChatGroupUnknown(_) => Code::ChatGroupUnknown,
        Refusal::SenderUnknown(_) if service == Some(Service::OpenIm) => Code::MessageAccountUnknown,
        Refusal::ReceiversUnknown(_) if service == Some(Service::OpenIm) => Code::ReceiverUnknown,
        Refusal::ListLength { given, max, .. } if service == Some(Service::OpenIm) && given > max => {
            Code::ReceiversTooMany
        }
        Refusal::Malformed(_)
        | Refusal::ListLength { .. }
        | Refusal::NameTaken(_)
        | Refusal::TextLength { .. }
        | Refusal::NotPinned(_)
        | Refusal::SenderUnknown(_)
        | Refusal::ReceiversUnknown(_)
        | Refusal::HistoryOff
        | Refusal::RevisionNotKept { .. }
        | Refusal::NotUndoable { .. }
        | Refusal::ChangedSince { .. } => bad_parameter(service),
        Refusal::Message { part, .. } => message_code(*part, service),
        Refusal::AccountIdNotText(_) => Code::AccountIdNotString,
        Refusal::OtherAccount { .. } => service.map_or(Code::NotAdministrator, not_permitted),
        Refusal::ConversationsPerCall { .. } => Code::ConversationCount,
        Refusal::ConversationsFull { .. } => Code::ConversationsFull,
        Refusal::ConversationGroupUnknown(_) => Code::ConversationGroupUnknown,
        Refusal::ConversationGroupsFull { .. } => Code::ConversationGroupsFull,
        Refusal::NameLength { .. } => Code::NameLength,
        Refusal::PinsFull { .. } => Code::PinsFull,
        Refusal::EditionLacks => Code::EditionLacks,
        Refusal::NumbersUsedUp => internal(service),
        Refusal::AccountUnknown(_) => Code::AccountUnknown,
        Refusal::ChatGroupTaken { by_same_owner: false, .. } => Code::GroupIdInUse,
        Refusal::ChatGroupTaken { by_same_owner: true, .. } => Code::GroupIdInUseBySameOwner,
        Refusal::ChatGroupIdBad(_) => Code::GroupBadId,
        Refusal::ChatGroupHasNoHistory(_) => Code::GroupNoPermission,
    }
}

/// Only the service of one-to-one messages has codes for the parts of a message.
fn message_code(part: MessagePart, service: Option<Service>) -> Code {
    if service != Some(Service::OpenIm) {
        return bad_parameter(service);
    }
    match part {
        MessagePart::Field => Code::MessageMalformed,
        MessagePart::NoBody => Code::MessageBodyMissing,
        MessagePart::Body => Code::MessageBodyNotArray,
        MessagePart::Element => Code::MessageElementMalformed,
        MessagePart::Receiver => Code::ReceiverMalformed,
        MessagePart::Sender => Code::SenderMalformed,
        MessagePart::UnknownSender => Code::SenderUnknown,
        MessagePart::Random => Code::MessageRandomMalformed,
        MessagePart::Time => Code::MessageTimeMalformed,
        MessagePart::LifeTime => Code::LifeTimeMalformed,
        MessagePart::NegativeLifeTime => Code::LifeTimeOutOfRange,
        MessagePart::SyncOtherMachine => Code::SyncOtherMachineMalformed,
        MessagePart::SyncFromOldSystem => Code::SyncFromOldSystemMalformed,
    }
}

/// The code for a signature that does not permit the call.
pub(crate) fn not_permitted(service: Service) -> Code {
    match service {
        Service::RecentContact | Service::Pinfold => Code::NotAdministrator,
        Service::Account => Code::AccountNotAdministrator,
        Service::Group => Code::GroupNoPermission,
        Service::OpenIm => Code::MessageNotAdministrator,
    }
}

fn bad_parameter(service: Option<Service>) -> Code {
    match service {
        Some(Service::RecentContact | Service::Pinfold) | None => Code::BadParameter,
        Some(Service::Account) => Code::AccountBadParameter,
        Some(Service::Group) => Code::GroupBadParameter,
        Some(Service::OpenIm) => Code::MessageMalformed,
    }
}

fn internal(service: Option<Service>) -> Code {
    match service {
        Some(Service::RecentContact | Service::Pinfold) | None => Code::Internal,
        Some(Service::Account) => Code::AccountInternal,
        Some(Service::Group) => Code::GroupInternal,
        Some(Service::OpenIm) => Code::MessageInternal,
    }
}

/// Only `recentcontact`, and `pinfold` with it, has a code of its own for a store that is slow.
fn timed_out(service: Option<Service>) -> Code {
    match service {
        Some(Service::RecentContact | Service::Pinfold) => Code::StoreTimeout,
        Some(Service::Account | Service::Group | Service::OpenIm) | None => Code::TimedOut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinfold_core::AccountId;

    #[test]
    fn an_internal_cause_does_not_reach_the_caller() {
        let failure = Failure::Store(StoreError::Poisoned("No space left on device: /srv/pinfold".into()));
        let (code, sentence) = failure.answer(Some(Service::RecentContact));
        assert_eq!((code, sentence.as_str()), (Code::Internal, "internal error"));
    }

    #[test]
    fn a_malformed_field_and_an_internal_error_have_a_code_for_each_service() {
        let codes = |refusal: &Refusal| Service::ALL.map(|service| refusal_code(refusal, Some(service)).number());
        assert_eq!(codes(&Refusal::Malformed(String::new())), [50002, 70402, 10004, 90001, 50002]);
        assert_eq!(codes(&Refusal::NumbersUsedUp), [50004, 70500, 10002, 90992, 50004]);
        assert_eq!(Service::ALL.map(|service| not_permitted(service).number()), [50003, 70403, 10007, 90009, 50003]);
    }

    #[test]
    fn each_part_of_a_message_has_a_code_in_openim_and_that_of_bad_parameters_in_the_group_service() {
        for (part, number) in [
            (MessagePart::Field, 90001),
            (MessagePart::NoBody, 90002),
            (MessagePart::Receiver, 90003),
            (MessagePart::Random, 90005),
            (MessagePart::Time, 90006),
            (MessagePart::Body, 90007),
            (MessagePart::Sender, 90008),
            (MessagePart::Element, 90010),
            (MessagePart::NegativeLifeTime, 90026),
            (MessagePart::SyncFromOldSystem, 90030),
            (MessagePart::SyncOtherMachine, 90031),
            (MessagePart::LifeTime, 90044),
            (MessagePart::UnknownSender, 90048),
        ] {
            let code = |service| refusal_code(&Refusal::Message { part, sentence: String::new() }, Some(service));
            assert_eq!((code(Service::OpenIm).number(), code(Service::Group).number()), (number, 10004), "{part:?}");
        }
    }

    #[test]
    fn only_openim_tells_too_many_receivers_from_none_and_unknown_accounts_from_bad_fields() {
        let accounts =
            |given| Refusal::ListLength { field: "To_Account", elements: "accounts", given, min: 1, max: 500 };
        let bob = AccountId::parse("bob").unwrap();
        let refusals =
            [accounts(0), accounts(501), Refusal::SenderUnknown(bob.clone()), Refusal::ReceiversUnknown(bob)];
        let codes = |service| refusals.each_ref().map(|refusal| refusal_code(refusal, Some(service)).number());
        assert_eq!(codes(Service::OpenIm), [90001, 90011, 20003, 90012]);
        assert_eq!(codes(Service::Group), [10004; 4]);
    }

    #[test]
    fn a_slow_store_is_50005_and_a_full_queue_60018() {
        let recent = Some(Service::RecentContact);
        assert_eq!(Failure::Store(StoreError::Timeout).answer(recent).0.number(), 50005);
        assert_eq!(Failure::Store(StoreError::Overloaded { waiting_max: 1 }).answer(recent).0.number(), 60018);
    }
}
