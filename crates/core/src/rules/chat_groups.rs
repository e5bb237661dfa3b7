//! The group service: registering chat groups and destroying them.

use crate::{AccountId, ChatGroup, ChatGroupId, ChatGroupKind, Limits, Refusal, Timestamp};

/// What an app says about a chat group it registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChatGroup {
    /// `Type`.
    pub kind: ChatGroupKind,
    /// `Name`.
    pub name: String,
    /// `Owner_Account`.
    pub owner: Option<AccountId>,
}

/// Refuses a call of the group service that names no chat group, or too many.
///
/// # Errors
/// [`Refusal::ListLength`].
pub fn chat_groups_per_call(limits: &Limits, given: usize) -> Result<(), Refusal> {
    Refusal::unless_list_fits("GroupIdList", "chat groups", given, limits.chat_groups_per_call_max)
}

/// Refuses a name that is too long.
///
/// # Errors
/// [`Refusal::TextLength`].
pub fn chat_group_name_fits(limits: &Limits, name: &str) -> Result<(), Refusal> {
    Refusal::unless_text_fits("Name", name, limits.chat_group_name_bytes_max)
}

/// What the register says of a chat group that is there and was not destroyed.
///
/// # Errors
/// [`Refusal::ChatGroupUnknown`].
pub fn live_chat_group(id: &ChatGroupId, found: Option<ChatGroup>) -> Result<ChatGroup, Refusal> {
    found.filter(|chat_group| !chat_group.destroyed).ok_or_else(|| Refusal::ChatGroupUnknown(id.clone()))
}

/// The id for a chat group of this kind when the app chose none.
pub fn assigned_id(kind: ChatGroupKind, random: u64) -> ChatGroupId {
    match kind {
        ChatGroupKind::Community => ChatGroupId::assigned_to_community(random),
        ChatGroupKind::Private
        | ChatGroupKind::Work
        | ChatGroupKind::Public
        | ChatGroupKind::ChatRoom
        | ChatGroupKind::Meeting
        | ChatGroupKind::AvChatRoom => ChatGroupId::assigned(random),
    }
}

/// Registers a chat group under an id the app chose. The id of a destroyed one is free again.
///
/// # Errors
/// [`Refusal::ChatGroupIdBad`] for an id that looks assigned, or that is not one of a community and should be;
/// [`Refusal::ChatGroupTaken`].
pub fn create_chat_group(
    id: &ChatGroupId,
    existing: Option<&ChatGroup>,
    new: &NewChatGroup,
    now: Timestamp,
) -> Result<ChatGroup, Refusal> {
    may_be_chosen(id, new.kind)?;
    import_chat_group(id, existing, new, now)
}

fn may_be_chosen(id: &ChatGroupId, kind: ChatGroupKind) -> Result<(), Refusal> {
    let (assigned, community) = (ChatGroupId::ASSIGNED_PREFIX, ChatGroupId::COMMUNITY_PREFIX);
    match (kind == ChatGroupKind::Community, id.is_of_community(), id.is_assigned()) {
        (true, true, _) | (false, _, false) => Ok(()),
        (true, false, _) => {
            Err(Refusal::ChatGroupIdBad(format!("GroupId \"{id}\" of a community must begin with {community}")))
        }
        (false, _, true) => Err(Refusal::ChatGroupIdBad(format!(
            "GroupId \"{id}\" begins with {assigned}, which only assigned ids may"
        ))),
    }
}

/// Registers a chat group under any id, also one that another service assigned.
///
/// # Errors
/// [`Refusal::ChatGroupTaken`] for the id of a chat group that was not destroyed.
pub fn import_chat_group(
    id: &ChatGroupId,
    existing: Option<&ChatGroup>,
    new: &NewChatGroup,
    now: Timestamp,
) -> Result<ChatGroup, Refusal> {
    if let Some(taken) = existing.filter(|chat_group| !chat_group.destroyed) {
        let by_same_owner = taken.owner.is_some() && taken.owner == new.owner;
        return Err(Refusal::ChatGroupTaken { id: id.clone(), by_same_owner });
    }
    Ok(registered(new, now))
}

/// Destroys a chat group; it is remembered as destroyed.
///
/// # Errors
/// [`Refusal::ChatGroupUnknown`] where there is none, or none any more.
pub fn destroy_chat_group(id: &ChatGroupId, existing: Option<&ChatGroup>) -> Result<ChatGroup, Refusal> {
    let live = live_chat_group(id, existing.cloned())?;
    Ok(ChatGroup { destroyed: true, ..live })
}

/// Takes over that a chat group was created elsewhere. One that is registered and was not destroyed stays as it is.
pub fn chat_group_was_created(existing: Option<&ChatGroup>, new: &NewChatGroup, now: Timestamp) -> ChatGroup {
    let live = existing.filter(|chat_group| !chat_group.destroyed);
    live.cloned().unwrap_or_else(|| registered(new, now))
}

/// Takes over that a chat group was destroyed elsewhere. One that was never registered is remembered as destroyed too:
/// where any id is accepted it would be taken for one that exists.
pub fn chat_group_was_destroyed(existing: Option<&ChatGroup>, destroyed: &NewChatGroup, now: Timestamp) -> ChatGroup {
    let known = existing.cloned().unwrap_or_else(|| registered(destroyed, now));
    ChatGroup { destroyed: true, ..known }
}

fn registered(new: &NewChatGroup, now: Timestamp) -> ChatGroup {
    let NewChatGroup { kind, name, owner } = new.clone();
    ChatGroup { kind, name, owner, created_at: now, destroyed: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ChatGroupId {
        ChatGroupId::parse(text).unwrap()
    }

    fn team() -> NewChatGroup {
        NewChatGroup { kind: ChatGroupKind::Public, name: "Team".into(), owner: None }
    }

    #[test]
    fn a_call_names_1_to_50_chat_groups_and_a_name_has_up_to_100_bytes() {
        let limits = Limits::default();
        for (given, fits) in [(0, false), (1, true), (50, true), (51, false)] {
            assert_eq!(chat_groups_per_call(&limits, given).is_ok(), fits, "{given}");
        }
        assert!(chat_group_name_fits(&limits, &"n".repeat(100)).is_ok());
        assert!(chat_group_name_fits(&limits, &"n".repeat(101)).is_err());
    }

    #[test]
    fn a_chosen_id_must_not_look_assigned_unless_it_is_imported() {
        let assigned = id("@TGS#1AAAAAAAA");
        assert!(matches!(create_chat_group(&assigned, None, &team(), Timestamp(1)), Err(Refusal::ChatGroupIdBad(_))));
        assert!(import_chat_group(&assigned, None, &team(), Timestamp(1)).is_ok());
    }

    #[test]
    fn a_community_has_an_id_of_its_own_form_chosen_or_assigned() {
        let community = NewChatGroup { kind: ChatGroupKind::Community, ..team() };
        assert!(create_chat_group(&id("@TGS#_city"), None, &community, Timestamp(1)).is_ok());
        for other in ["city", "@TGS#city", "@TGS#"] {
            let refused = create_chat_group(&id(other), None, &community, Timestamp(1));
            assert!(matches!(refused, Err(Refusal::ChatGroupIdBad(_))), "{other}");
        }
        let refused = create_chat_group(&id("@TGS#_city"), None, &team(), Timestamp(1));
        assert!(matches!(refused, Err(Refusal::ChatGroupIdBad(_))));
        for kind in ChatGroupKind::ALL {
            let is_community = kind == ChatGroupKind::Community;
            assert_eq!(assigned_id(kind, 7).is_of_community(), is_community, "{kind:?}");
        }
    }

    #[test]
    fn a_community_that_exists_elsewhere_is_imported_under_any_id() {
        let community = NewChatGroup { kind: ChatGroupKind::Community, ..team() };
        for any in ["@TGS#_city", "city"] {
            assert!(import_chat_group(&id(any), None, &community, Timestamp(1)).is_ok(), "{any}");
        }
    }

    #[test]
    fn a_taken_id_says_whether_the_same_owner_has_it() {
        let owned =
            |owner: Option<&str>| NewChatGroup { owner: owner.map(|id| AccountId::parse(id).unwrap()), ..team() };
        for (owner, other, by_same_owner) in
            [(Some("a"), Some("a"), true), (Some("a"), Some("b"), false), (Some("a"), None, false), (None, None, false)]
        {
            let first = create_chat_group(&id("g"), None, &owned(owner), Timestamp(1)).unwrap();
            let taken = create_chat_group(&id("g"), Some(&first), &owned(other), Timestamp(2));
            assert_eq!(taken, Err(Refusal::ChatGroupTaken { id: id("g"), by_same_owner }), "{owner:?} {other:?}");
        }
    }

    #[test]
    fn an_id_is_taken_until_its_chat_group_is_destroyed() {
        let first = create_chat_group(&id("g"), None, &team(), Timestamp(1)).unwrap();
        let taken = create_chat_group(&id("g"), Some(&first), &team(), Timestamp(2));
        assert!(matches!(taken, Err(Refusal::ChatGroupTaken { .. })));
        let destroyed = destroy_chat_group(&id("g"), Some(&first)).unwrap();
        let second = create_chat_group(&id("g"), Some(&destroyed), &team(), Timestamp(3)).unwrap();
        assert_eq!((second.created_at, second.destroyed), (Timestamp(3), false));
    }

    #[test]
    fn a_chat_group_created_elsewhere_is_registered_unless_it_is_there() {
        let first = chat_group_was_created(None, &team(), Timestamp(1));
        let other = NewChatGroup { name: "Other".into(), ..team() };
        assert_eq!(chat_group_was_created(Some(&first), &other, Timestamp(2)), first);
        let gone = chat_group_was_destroyed(Some(&first), &team(), Timestamp(3));
        assert_eq!(gone, ChatGroup { destroyed: true, ..first });
        let again = chat_group_was_created(Some(&gone), &other, Timestamp(4));
        assert_eq!((again.name.as_str(), again.created_at, again.destroyed), ("Other", Timestamp(4), false));
    }

    #[test]
    fn a_chat_group_destroyed_elsewhere_is_remembered_although_it_was_never_registered() {
        let gone = chat_group_was_destroyed(None, &team(), Timestamp(1));
        assert!(gone.destroyed && gone.name == "Team");
        assert_eq!(chat_group_was_destroyed(Some(&gone), &team(), Timestamp(2)), gone);
    }

    #[test]
    fn a_chat_group_is_destroyed_once() {
        let first = create_chat_group(&id("g"), None, &team(), Timestamp(1)).unwrap();
        let destroyed = destroy_chat_group(&id("g"), Some(&first)).unwrap();
        assert_eq!(destroy_chat_group(&id("g"), Some(&destroyed)), Err(Refusal::ChatGroupUnknown(id("g"))));
        assert_eq!(destroy_chat_group(&id("g"), None), Err(Refusal::ChatGroupUnknown(id("g"))));
    }
}
