//! Messages from one account to others.

use pinfold_core::rules::{receivers_per_message, time_of_message};
use pinfold_core::{AccountId, Limits, MessagePart, Refusal, Timestamp};
use pinfold_wire::lenient::Elements;
use pinfold_wire::open_im::{Message, importmsg};
use pinfold_wire::{Lenient, List};

use super::{as_part, bits_32, body, no_numbers, random, renews, words};
use crate::parse::fields::{
    account, from_account, integer, list, missing, not_a_number, operation, optional_object, text,
};

/// A message that is sent now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent<To> {
    /// `None` where the administrator sends it.
    pub(crate) from: Option<AccountId>,
    pub(crate) to: To,
    /// `MsgSeq`, if the app numbered it.
    pub(crate) seq: Option<u32>,
    pub(crate) random: u32,
    /// Whether the sender's list of recent conversations is renewed too.
    pub(crate) is_kept_by_sender: bool,
    /// Whether any list is renewed.
    pub(crate) renews: bool,
}

/// A message that was sent before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) at: Timestamp,
}

/// The message of a call to one account.
pub(crate) fn sent(request: &Message<String>) -> Result<Sent<AccountId>, Refusal> {
    not_a_number("From_Account", &request.from_account)?;
    let to = account("To_Account", &request.to_account).map_err(as_part(MessagePart::Receiver))?;
    with_receiver(request, to, &request.msg_time_stamp)
}

/// The message of a call to several accounts.
pub(crate) fn batch(limits: &Limits, request: &Message<Elements<String>>) -> Result<Sent<Vec<AccountId>>, Refusal> {
    not_a_number("From_Account", &request.from_account)?;
    no_numbers("an element of To_Account", &request.to_account)?;
    let to = receivers(limits, &request.to_account)?;
    with_receiver(request, to, &Lenient::Absent)
}

fn receivers(limits: &Limits, value: &List<String>) -> Result<Vec<AccountId>, Refusal> {
    let ids = list("To_Account", value).map_err(as_part(MessagePart::Receiver))?;
    let mut receivers = Vec::with_capacity(ids.len());
    for id in ids.iter() {
        receivers.push(account("an element of To_Account", id).map_err(as_part(MessagePart::Receiver))?);
    }
    receivers_per_message(limits, ids.count())?;
    Ok(receivers)
}

fn with_receiver<F, To>(request: &Message<F>, to: To, time: &Lenient<i64>) -> Result<Sent<To>, Refusal> {
    let from = from_account(&request.from_account).transpose().map_err(as_part(MessagePart::Sender))?;
    let random = random("MsgRandom", &request.msg_random)?;
    integer("MsgTimeStamp", time).map_err(as_part(MessagePart::Time))?;
    body(&request.msg_body)?;
    let is_kept_by_sender = is_kept_by_sender(&request.sync_other_machine)?;
    let is_kept = is_kept(&request.msg_life_time)?;
    let (seq, renews) = others(request).map_err(as_part(MessagePart::Field))?;
    Ok(Sent { from, to, seq, random, is_kept_by_sender, renews: renews && is_kept })
}

fn is_kept_by_sender(sync_other_machine: &Lenient<i64>) -> Result<bool, Refusal> {
    if sync_other_machine.is_absent() {
        return Ok(true);
    }
    let kept = operation("SyncOtherMachine", sync_other_machine, &[(1, true), (2, false)]);
    kept.map_err(as_part(MessagePart::SyncOtherMachine))
}

/// Whether the message outlives the moment; a life beyond the longest is taken for the longest.
fn is_kept(msg_life_time: &Lenient<i64>) -> Result<bool, Refusal> {
    match integer("MsgLifeTime", msg_life_time).map_err(as_part(MessagePart::LifeTime))? {
        Some(seconds) if seconds < 0 => {
            let sentence = format!("MsgLifeTime is {seconds}; it must not be negative");
            Err(Refusal::Message { part: MessagePart::NegativeLifeTime, sentence })
        }
        seconds => Ok(seconds != Some(0)),
    }
}

/// `MsgSeq`, and whether the message renews the list of recent conversations; the fields that are not used are read too.
fn others<To>(request: &Message<To>) -> Result<(Option<u32>, bool), Refusal> {
    let renews = renews(&request.send_msg_control, &request.online_only_flag)?;
    let seq = bits_32("MsgSeq", &request.msg_seq)?;
    words("ForbidCallbackControl", &request.forbid_callback_control)?;
    text("CloudCustomData", &request.cloud_custom_data)?;
    integer("SupportMessageExtension", &request.support_message_extension)?;
    integer("IsNeedReadReceipt", &request.is_need_read_receipt)?;
    optional_object("OfflinePushInfo", &request.offline_push_info)?;
    Ok((seq, renews))
}

/// The message of a call that imports one.
pub(crate) fn imported(request: &importmsg::Request, now: Timestamp) -> Result<Imported, Refusal> {
    not_a_number("From_Account", &request.from_account)?;
    not_a_number("To_Account", &request.to_account)?;
    was_synchronised(&request.sync_from_old_system)?;
    let to = account("To_Account", &request.to_account).map_err(as_part(MessagePart::Receiver))?;
    let from = account("From_Account", &request.from_account).map_err(as_part(MessagePart::Sender))?;
    random("MsgRandom", &request.msg_random)?;
    let at = sent_at(&request.msg_time_stamp, now).map_err(as_part(MessagePart::Time))?;
    body(&request.msg_body)?;
    bits_32("MsgSeq", &request.msg_seq).map_err(as_part(MessagePart::Field))?;
    text("CloudCustomData", &request.cloud_custom_data).map_err(as_part(MessagePart::Field))?;
    Ok(Imported { from, to, at })
}

/// Checks how the message came: 1 and 5 mean now, 2 the history.
fn was_synchronised(value: &Lenient<i64>) -> Result<(), Refusal> {
    let field = "SyncFromOldSystem";
    let number = integer(field, value).and_then(|number| number.ok_or_else(|| missing(field)));
    number.map_err(as_part(MessagePart::SyncFromOldSystem))?;
    operation(field, value, &[(1, ()), (2, ()), (5, ())]).map_err(as_part(MessagePart::Field))
}

fn sent_at(value: &Lenient<i64>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let sent_at = integer("MsgTimeStamp", value)?.ok_or_else(|| missing("MsgTimeStamp"))?;
    time_of_message(Some(sent_at), now).map_err(|bad| Refusal::Malformed(format!("MsgTimeStamp {bad}")))
}
