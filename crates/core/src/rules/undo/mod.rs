//! `undo`: the opposite of a change, as a new change (docs/protocol.md, section 8).

mod elements;
mod groups;
mod opposite;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::opposite::Opposite;
use super::{Context, account_is_known, edition_has_conversation_groups_and_standard_marks};
use crate::{
    AppPolicy, Conversation, ConversationGroupId, Counted, Draft, Element, Event, Head, HistoryChange, Limits, Refusal,
    Revision, Timestamp,
};

/// The entries of recent conversations that a change names, each with its time, as far as they are there.
pub type Entries = BTreeMap<Conversation, Timestamp>;

/// Makes the opposite of the change of this revision, of which the store kept `found`: whole or not at all. Each element
/// of the change is as the change left it, and is put back, or as it was before, and stays. Needs every record of the
/// account. No register is asked and no length is looked at: what was kept may be kept again.
///
/// # Errors
/// [`Refusal::AccountNotImported`]; [`Refusal::HistoryOff`], [`Refusal::RevisionNotKept`], [`Refusal::NotUndoable`];
/// [`Refusal::EditionLacks`] for a change of conversation groups or standard marks; [`Refusal::ChangedSince`] for the
/// first element that is neither; [`Refusal::ConversationGroupsFull`], [`Refusal::ConversationsFull`],
/// [`Refusal::PinsFull`].
pub fn undo(
    ctx: &Context<'_>,
    draft: &mut Draft<'_>,
    revision: Revision,
    found: Option<&HistoryChange>,
    entries: &Entries,
) -> Result<(), Refusal> {
    account_is_known(ctx.policy, ctx.account, draft.base())?;
    let events = &kept_change(ctx.policy, &draft.base().head, revision, found)?.events;
    if let Some(event) = events.iter().find(|event| !has_opposite(event)) {
        return Err(Refusal::NotUndoable { revision, event: event.name() });
    }
    if events.iter().any(is_of_conversation_groups_or_standard_marks) {
        edition_has_conversation_groups_and_standard_marks(ctx.policy)?;
    }
    let changed_since = |element| Refusal::ChangedSince { revision, element };
    let opposite = Opposite::of(draft.base(), events, entries).map_err(changed_since)?;
    let named = opposite.named();
    opposite.apply(draft)?;
    names_are_free(draft, &named).map_err(changed_since)?;
    limits_hold(&ctx.policy.limits, draft)
}

fn kept_change<'c>(
    policy: &AppPolicy,
    head: &Head,
    revision: Revision,
    found: Option<&'c HistoryChange>,
) -> Result<&'c HistoryChange, Refusal> {
    if !policy.keeps_history() {
        return Err(Refusal::HistoryOff);
    }
    let kept = (head.history_from > 0).then_some((Revision(head.history_from), Revision(head.revision)));
    found.ok_or(Refusal::RevisionNotKept { revision, kept })
}

fn has_opposite(event: &Event) -> bool {
    match event {
        Event::AccountImported | Event::ProfileChanged | Event::AccountRestored | Event::Forgotten => false,
        Event::GroupCreated { .. }
        | Event::GroupRenamed { .. }
        | Event::GroupDeleted { .. }
        | Event::GroupDataChanged { .. }
        | Event::GroupsOrdered { .. }
        | Event::ConversationsAdded { .. }
        | Event::ConversationsRemoved { .. }
        | Event::MarkChanged { .. }
        | Event::Pinned { .. }
        | Event::Unpinned { .. }
        | Event::PinsOrdered { .. }
        | Event::ConversationDeleted { .. }
        | Event::ConversationRestored { .. } => true,
    }
}

/// Whether an app of the standard edition cannot have made it.
fn is_of_conversation_groups_or_standard_marks(event: &Event) -> bool {
    match event {
        Event::GroupCreated { .. }
        | Event::GroupRenamed { .. }
        | Event::GroupDeleted { .. }
        | Event::GroupDataChanged { .. }
        | Event::GroupsOrdered { .. }
        | Event::ConversationsAdded { .. }
        | Event::ConversationsRemoved { .. } => true,
        Event::MarkChanged { old_standard, standard, .. } => old_standard != standard,
        Event::Pinned { .. }
        | Event::Unpinned { .. }
        | Event::PinsOrdered { .. }
        | Event::ConversationDeleted { .. }
        | Event::ConversationRestored { .. }
        | Event::AccountImported
        | Event::ProfileChanged
        | Event::AccountRestored
        | Event::Forgotten => false,
    }
}

/// Refuses a name that came back and that another conversation group has by now.
fn names_are_free(draft: &Draft<'_>, named: &[ConversationGroupId]) -> Result<(), Element> {
    let groups = draft.conversation_groups();
    for (id, group) in named.iter().filter_map(|id| groups.get_key_value(id)) {
        let mut others = groups.iter().filter(|(other, _)| *other != id);
        if let Some((by, _)) = others.find(|(_, other)| other.name == group.name) {
            return Err(Element::NameTaken { by: *by, name: group.name.clone() });
        }
    }
    Ok(())
}

/// Refuses more than the account may have, unless it had as much before.
fn limits_hold(limits: &Limits, draft: &Draft<'_>) -> Result<(), Refusal> {
    let (base, head, before) = (draft.base(), draft.head(), &draft.base().head);
    let groups = (draft.conversation_groups().len(), base.conversation_groups.len());
    fits(groups, limits.conversation_groups_max, |max| Refusal::ConversationGroupsFull { max })?;
    let full = |counted| move |max| Refusal::ConversationsFull { counted, max };
    let grouped = (head.grouped as usize, before.grouped as usize);
    fits(grouped, limits.grouped_conversations_max, full(Counted::Grouped))?;
    let marked = (head.marked as usize, before.marked as usize);
    fits(marked, limits.marked_conversations_max, full(Counted::Marked))?;
    fits((draft.pins().len(), base.pins.len()), limits.pins_max, |max| Refusal::PinsFull { max })
}

fn fits((count, before): (usize, usize), max: usize, full: impl FnOnce(usize) -> Refusal) -> Result<(), Refusal> {
    if count <= max.max(before) { Ok(()) } else { Err(full(max)) }
}
