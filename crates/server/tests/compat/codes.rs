//! Which codes can come from which command, and which the transcripts show.

use std::collections::{BTreeMap, BTreeSet};

use pinfold_wire::commands::Listed;
use pinfold_wire::{Code, Service};
use serde_json::Value;

use super::Transcript;
use super::placeholders::write_out_runs;

/// Codes that can come from every command.
const EVERYWHERE: [Code; 17] = [
    Code::RequestNotParsable,
    Code::BodyNotJson,
    Code::CallerMissing,
    Code::AppUnknown,
    Code::CommandTooOften,
    Code::TimedOut,
    Code::AppIdMissing,
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
];

/// Codes that can come from every command of the service.
fn of_service(service: Service) -> &'static [Code] {
    match service {
        Service::RecentContact | Service::Pinfold => &[
            Code::AccountNotImported,
            Code::BadParameter,
            Code::NotAdministrator,
            Code::Internal,
            Code::StoreTimeout,
            Code::AccountIdNotString,
        ],
        Service::Account => {
            &[Code::AccountBadParameter, Code::AccountNotAdministrator, Code::AccountInternal, Code::AccountIdNotString]
        }
        Service::Group => &[Code::GroupBadParameter, Code::GroupNoPermission, Code::GroupInternal],
        Service::OpenIm => {
            &[Code::MessageMalformed, Code::MessageNotAdministrator, Code::MessageInternal, Code::AccountIdNotString]
        }
    }
}

// The commands of one-to-one messages, which have a code for most fields.
const SENDMSG: &[Code] = &[
    Code::NoSuchCommand,
    Code::MessageAccountUnknown,
    Code::MessageBodyMissing,
    Code::ReceiverMalformed,
    Code::MessageRandomMalformed,
    Code::MessageTimeMalformed,
    Code::MessageBodyNotArray,
    Code::SenderMalformed,
    Code::MessageElementMalformed,
    Code::ReceiverUnknown,
    Code::LifeTimeOutOfRange,
    Code::SyncOtherMachineMalformed,
    Code::LifeTimeMalformed,
];
const BATCHSENDMSG: &[Code] = &[
    Code::NoSuchCommand,
    Code::AccountUnknown,
    Code::MessageBodyMissing,
    Code::ReceiverMalformed,
    Code::MessageRandomMalformed,
    Code::MessageBodyNotArray,
    Code::SenderMalformed,
    Code::MessageElementMalformed,
    Code::ReceiversTooMany,
    Code::ReceiverUnknown,
    Code::LifeTimeOutOfRange,
    Code::SyncOtherMachineMalformed,
    Code::LifeTimeMalformed,
];
const IMPORTMSG: &[Code] = &[
    Code::NoSuchCommand,
    Code::MessageBodyMissing,
    Code::ReceiverMalformed,
    Code::MessageRandomMalformed,
    Code::MessageTimeMalformed,
    Code::MessageBodyNotArray,
    Code::SenderMalformed,
    Code::MessageElementMalformed,
    Code::ReceiverUnknown,
    Code::SyncFromOldSystemMalformed,
    Code::SenderUnknown,
];

/// Codes that can come from this command besides, for the whole call or for an item. A command without a line here
/// fails the test.
fn of_command(name: &str) -> &'static [Code] {
    match name {
        "create_contact_group" => &[
            Code::ConversationCount,
            Code::ChatGroupUnknown,
            Code::ConversationsFull,
            Code::ConversationGroupsFull,
            Code::NameLength,
            Code::EditionLacks,
        ],
        "update_contact_group" => &[
            Code::ConversationCount,
            Code::ChatGroupUnknown,
            Code::ConversationsFull,
            Code::ConversationGroupUnknown,
            Code::NameLength,
            Code::EditionLacks,
        ],
        "del_contact_group" => &[Code::ConversationGroupUnknown, Code::NameLength, Code::EditionLacks],
        "mark_contact" => {
            &[Code::ConversationCount, Code::ChatGroupUnknown, Code::ConversationsFull, Code::EditionLacks]
        }
        "top" => &[Code::ChatGroupUnknown, Code::PinsFull],
        "account_delete" => &[Code::AccountUnknown],
        "create_group" | "import_group" => {
            &[Code::GroupBadId, Code::GroupIdInUse, Code::GroupIdInUseBySameOwner, Code::AccountIdNotString]
        }
        "destroy_group" | "get_group_info" => &[Code::GroupUnknown, Code::GroupBadId],
        "send_group_msg" | "import_group_msg" => {
            &[Code::GroupUnknown, Code::GroupBadId, Code::AccountIdNotString, Code::NoSuchCommand]
        }
        "sendmsg" => SENDMSG,
        "batchsendmsg" => BATCHSENDMSG,
        "importmsg" => IMPORTMSG,
        "order_groups" | "set_group_data" => &[Code::ConversationGroupUnknown, Code::NameLength, Code::EditionLacks],
        "undo" => &[Code::ConversationsFull, Code::ConversationGroupsFull, Code::PinsFull, Code::EditionLacks],
        "find_conversations" => &[Code::ConversationGroupUnknown, Code::NameLength],
        "search_contact_group"
        | "get_contact_group"
        | "list_groups"
        | "order_pins"
        | "get_changes"
        | "get_list"
        | "delete"
        | "account_import"
        | "multiaccount_import"
        | "account_check"
        | "get_appid_group_list" => &[],
        _ => panic!("say which codes can come from {name}"),
    }
}

/// Every code that can come from this command.
pub fn possible(command: &Listed) -> BTreeSet<Code> {
    EVERYWHERE.iter().chain(of_service(command.service)).chain(of_command(command.name)).copied().collect()
}

/// The codes in the answers of each path, such as `recentcontact/top`.
pub fn shown(transcripts: &[Transcript]) -> BTreeMap<String, BTreeSet<Code>> {
    let mut shown: BTreeMap<String, BTreeSet<Code>> = BTreeMap::new();
    for exchange in transcripts.iter().flat_map(Transcript::calls) {
        let answer = serde_json::from_str(&write_out_runs(&exchange.answer)).unwrap();
        collect(&answer, shown.entry(exchange.path().to_owned()).or_default());
    }
    shown
}

fn collect(answer: &Value, codes: &mut BTreeSet<Code>) {
    match answer {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value.as_u64()) {
                    ("ErrorCode" | "ResultCode", Some(number)) if number != 0 => {
                        codes.insert(Code::from_number(number as u32).unwrap());
                    }
                    _ => collect(value, codes),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, codes)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
