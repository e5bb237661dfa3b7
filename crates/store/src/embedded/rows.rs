//! An account to rows and back.

use pinfold_core::{AccountState, Changes};

use super::keys::{self, Row};
use super::values;
use crate::{AccountKey, StoreError, Version};

/// Rows to write (`Some`) and remove (`None`) in one batch.
pub(super) type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// The rows that make these changes durable; `before` is what is kept now.
pub(super) fn of_changes(account: &AccountKey, before: &AccountState, next: Version, changes: &Changes) -> Writes {
    let prefix = keys::account_prefix(account);
    let Some(head) = &changes.head else { return removal(&prefix, before) };
    let mut writes: Writes = vec![(keys::row(&prefix, &Row::Head), Some(values::encode_head(head, next)))];
    writes.extend(
        changes
            .profile
            .iter()
            .map(|profile| (keys::row(&prefix, &Row::Profile), Some(values::encode_profile(profile)))),
    );
    writes.extend(
        changes.conversation_groups.iter().map(|(id, name)| {
            (keys::row(&prefix, &Row::ConversationGroup(*id)), name.as_ref().map(values::encode_name))
        }),
    );
    writes.extend(changes.records.iter().map(|(conversation, record)| {
        (keys::row(&prefix, &Row::Record(conversation.clone())), record.as_ref().map(values::encode_record))
    }));
    writes.extend(changes.pins.iter().map(|(conversation, pin)| {
        (keys::row(&prefix, &Row::Pin(conversation.clone())), pin.as_ref().map(values::encode_pin))
    }));
    writes
}

fn removal(prefix: &[u8], before: &AccountState) -> Writes {
    let groups = before.conversation_groups.keys().map(|id| Row::ConversationGroup(*id));
    let records = before.records.keys().cloned().map(Row::Record);
    let pins = before.pins.keys().cloned().map(Row::Pin);
    let rows = [Row::Head, Row::Profile].into_iter().chain(groups).chain(records).chain(pins);
    rows.map(|row| (keys::row(prefix, &row), None)).collect()
}

/// Puts an account together from its rows, as they come from a scan of its prefix.
pub(super) fn to_account(
    prefix_len: usize,
    rows: impl Iterator<Item = Result<(fjall::Slice, fjall::Slice), StoreError>>,
) -> Result<(Option<Version>, AccountState), StoreError> {
    let (mut version, mut state) = (None, AccountState::default());
    for row in rows {
        let (key, value) = row?;
        match keys::parse_row(&key[prefix_len..])? {
            Row::Head => {
                let (of_head, head) = values::decode_head(&value)?;
                (version, state.head) = (Some(of_head), head);
            }
            Row::Profile => state.profile = values::decode_profile(&value)?,
            Row::ConversationGroup(id) => {
                state.conversation_groups.insert(id, values::decode_name(&value)?);
            }
            Row::Pin(conversation) => {
                state.pins.insert(conversation, values::decode_pin(&value)?);
            }
            Row::Record(conversation) => {
                state.records.insert(conversation, values::decode_record(&value)?);
            }
        }
    }
    match version {
        None if state != AccountState::default() => Err(StoreError::Damaged("an account has rows but no head".into())),
        _ => Ok((version, state)),
    }
}
