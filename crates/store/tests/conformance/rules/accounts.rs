//! Accounts: what is kept for one, and that its neighbours are other accounts.

use pinfold_core::{
    AppId, Arrangement, ChangeNumber, ChatGroup, Conversation, ConversationGroupId, CustomMark, Draft, GroupData, Head,
    PeerStatus, PeerStatuses, Profile, Refusal,
};
use pinfold_store::{AccountKey, Backend, Loaded, Scope, Version};

use super::Open;
use crate::support::{NOW, account, chat_group, delete, edit, load, mark, marks, name, one, state};

pub(super) async fn suite(open: &impl Open) {
    each_change_is_read_back_as_it_was_made(open).await;
    orders_and_data_are_read_back_and_go_again(open).await;
    each_change_is_counted_and_timed(open).await;
    removed_records_groups_and_pins_are_gone_and_no_others(open).await;
    a_deletion_takes_all_of_the_account_and_nothing_of_its_neighbours(open).await;
    a_thousand_records_come_back_and_go(open).await;
    the_register_knows_who_is_imported(open).await;
    the_registers_are_read_with_the_state_that_a_change_begins_from(open).await;
}

type Edit = fn(&mut Draft<'_>) -> Result<(), Refusal>;

/// Something of every kind.
pub(super) fn everything(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let work = draft.create_conversation_group(&name("Work"))?;
    let home = draft.create_conversation_group(&name("工作 \u{1F3E0}"))?;
    let custom = CustomMark::stored("vip ⭐");
    draft.import(Profile { nick: "Al".into(), face_url: "https://pictures.example/al".into() });
    draft.arrange(&one("bob"), Arrangement::default().with_conversation_group(home).with_conversation_group(work));
    draft.arrange(&chat_group("bob"), Arrangement { custom, ..marks(u64::MAX) });
    draft.arrange(&chat_group("@TGS#1"), marks(1));
    draft.pin(&one("bob"))?;
    draft.pin(&chat_group("never arranged"))
}

async fn each_change_is_read_back_as_it_was_made(open: &impl Open) {
    let backend = open("everything").await;
    let alice = account(1, "alice");
    let mut expected = pinfold_core::AccountState::default();
    for edit in [everything as Edit, rearrange, unpin_and_rename] {
        let Loaded { version, state, .. } = load(&*backend, &alice).await;
        assert_eq!(*state, expected);
        let changes = crate::support::changes(&state, edit);
        expected.apply(&changes);
        backend.commit(&alice, version, Version::after(version), changes).await.unwrap();
    }
    assert_eq!(state(&*backend, &alice).await, expected);
}

fn rearrange(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.arrange(&one("bob"), marks(1 << 63));
    draft.arrange(&chat_group("bob"), Arrangement::default());
    draft.remove_conversation_group(ConversationGroupId(1));
    draft.pin(&one("zoe"))
}

fn unpin_and_rename(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.unpin(&one("bob"));
    draft.name_conversation_group(ConversationGroupId(2), &name("Home"));
    draft.import(Profile::default());
    Ok(())
}

/// Some of everything, the conversation groups and the pins in the other order, and data.
pub(super) fn reversed(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let backwards = |mut members: Vec<u32>| {
        members.reverse();
        members
    };
    let groups = backwards(draft.conversation_groups().keys().map(|id| id.0).collect());
    let mut pins: Vec<_> = draft.pins().values().map(|pin| pin.change.0).collect();
    pins.sort_unstable();
    draft.order_conversation_groups(groups.into_iter().map(ConversationGroupId));
    draft.order_pins(backwards(pins).into_iter().map(ChangeNumber));
    draft.set_group_data(ConversationGroupId(1), GroupData::stored("{\"colour\":\"#f00\"} 色"));
    Ok(())
}

async fn orders_and_data_are_read_back_and_go_again(open: &impl Open) {
    let backend = open("orders").await;
    let alice = account(1, "alice");
    edit(&*backend, &alice, everything).await;
    edit(&*backend, &alice, reversed).await;
    let ordered = state(&*backend, &alice).await;
    assert_eq!(ordered.head.group_order, [ConversationGroupId(2), ConversationGroupId(1)]);
    assert_eq!(ordered.ordered_pins().first().unwrap().0, &chat_group("never arranged"));
    let data = ordered.conversation_groups[&ConversationGroupId(1)].data.clone();
    assert_eq!(data, GroupData::stored("{\"colour\":\"#f00\"} 色"));

    let of_head = backend.load(&alice, &Scope::Head).await.unwrap().state;
    assert_eq!((&of_head.head, &of_head.conversation_groups), (&ordered.head, &ordered.conversation_groups));

    edit(&*backend, &alice, |draft| {
        draft.order_conversation_groups([ConversationGroupId(1)]);
        draft.unpin(&one("bob"));
        draft.set_group_data(ConversationGroupId(1), None);
        Ok(())
    })
    .await;
    let plain = state(&*backend, &alice).await;
    assert_eq!((&plain.head.group_order[..], &plain.head.pin_order[..]), (&[][..], &[][..]));
    assert!(plain.conversation_groups.values().all(|group| group.data.is_none()));
}

async fn each_change_is_counted_and_timed(open: &impl Open) {
    let backend = open("counted").await;
    let alice = account(1, "alice");
    for revision in 1..=3 {
        mark(&*backend, &alice, &one("bob"), revision.into()).await;
        let Head { revision: found, newest_ms, .. } = state(&*backend, &alice).await.head;
        assert_eq!((found, newest_ms), (revision, u64::from(NOW.0) * 1000));
    }
    // A state that is written as a whole, as an import does, may have any.
    let mut whole = state(&*backend, &alice).await;
    (whole.head.revision, whole.head.newest_ms) = (u32::MAX >> 1, u64::MAX);
    let bob = account(1, "bob");
    let diff = pinfold_core::StateDiff::whole(&whole);
    backend.commit(&bob, None, Version::numbered(1), diff).await.unwrap();
    assert_eq!(state(&*backend, &bob).await.head, whole.head);
}

async fn removed_records_groups_and_pins_are_gone_and_no_others(open: &impl Open) {
    let backend = open("removed").await;
    let alice = account(1, "alice");
    edit(&*backend, &alice, everything).await;
    edit(&*backend, &alice, rearrange).await;
    let after = state(&*backend, &alice).await;
    assert_eq!(after.records.keys().collect::<Vec<_>>(), [&one("bob"), &chat_group("@TGS#1")]);
    assert_eq!(after.conversation_groups.keys().collect::<Vec<_>>(), [&ConversationGroupId(2)]);
    assert_eq!(after.pins.len(), 3);
}

/// Ids that are prefixes of each other, the same id in other apps, ids that sort around it.
fn neighbours() -> [AccountKey; 8] {
    let longest = "a".repeat(32);
    [
        account(1, "a"),
        account(1, "ab"),
        account(1, "abc"),
        account(1, "b"),
        account(1, &longest),
        account(2, "a"),
        account(257, "a"),
        account(u32::MAX, "a"),
    ]
}

async fn a_deletion_takes_all_of_the_account_and_nothing_of_its_neighbours(open: &impl Open) {
    let backend = open("deletion").await;
    for deleted in neighbours() {
        let mut before = Vec::new();
        for key in &neighbours() {
            if load(&*backend, key).await.version.is_none() {
                edit(&*backend, key, everything).await;
            }
            before.push(load(&*backend, key).await);
        }
        delete(&*backend, &deleted).await;
        for (key, before) in neighbours().iter().zip(before) {
            let after = load(&*backend, key).await;
            if *key == deleted {
                assert_eq!((after.version, after.state.is_empty()), (None, true), "{key:?} was deleted");
            } else {
                assert_eq!((after.version, after.state), (before.version, before.state), "{key:?} is a neighbour");
            }
        }
    }
    assert_eq!(imported(&*backend, AppId(1), &["a", "ab"]).await, [true, true]);
}

async fn a_thousand_records_come_back_and_go(open: &impl Open) {
    let backend = open("a thousand").await;
    let alice = account(1, "alice");
    edit(&*backend, &alice, |draft| {
        (0..500).for_each(|n| draft.arrange(&one(&format!("peer {n}")), marks(n + 1)));
        (0..500).for_each(|n| draft.arrange(&chat_group(&format!("peer {n}")), marks(n + 1)));
        Ok(())
    })
    .await;
    mark(&*backend, &alice, &one("one more"), 1).await;
    let full = state(&*backend, &alice).await;
    assert_eq!((full.records.len(), full.head.marked), (1001, 1001));
    assert_eq!(full.arrangement(&chat_group("peer 499")).standard.0, 500);
    delete(&*backend, &alice).await;
    mark(&*backend, &alice, &one("bob"), 1).await;
    assert_eq!(state(&*backend, &alice).await.records.len(), 1);
}

async fn the_register_knows_who_is_imported(open: &impl Open) {
    let backend = open("imported").await;
    for key in [account(1, "alice"), account(2, "bob")] {
        edit(&*backend, &key, everything).await;
    }
    mark(&*backend, &account(1, "carol"), &one("bob"), 1).await;
    let imported = || imported(&*backend, AppId(1), &["bob", "alice", "carol", "nobody", "alice"]);
    assert_eq!(imported().await, [false, true, false, false, true]);
    edit(&*backend, &account(1, "carol"), everything).await;
    assert_eq!(imported().await, [false, true, true, false, true]);
    delete(&*backend, &account(1, "alice")).await;
    assert_eq!(imported().await, [false, false, true, false, false]);
    assert_eq!(backend.peer_statuses(AppId(1), &[]).await.unwrap(), PeerStatuses::default());
}

async fn the_registers_are_read_with_the_state_that_a_change_begins_from(open: &impl Open) {
    let backend = open("registered").await;
    let alice = account(1, "alice");
    mark(&*backend, &alice, &one("p3"), 1).await;
    for imported in ["p3", "p11"] {
        edit(&*backend, &account(1, imported), everything).await;
    }
    let team = super::chat_groups::team("team");
    super::chat_groups::put(&*backend, AppId(1), "team", &team).await;
    super::chat_groups::put(&*backend, AppId(1), "gone", &ChatGroup { destroyed: true, ..team }).await;
    let accounts: Vec<_> = (0..12).map(|n| one(&format!("p{n}"))).collect();
    let chat_groups = ["none", "team", "gone"].map(chat_group);
    let status = |peer: &Conversation| match peer {
        Conversation::OneToOne(account) if ["p3", "p11"].contains(&account.as_str()) => PeerStatus::Registered,
        Conversation::ChatGroup(id) if id.as_str() == "team" => PeerStatus::Registered,
        Conversation::ChatGroup(id) if id.as_str() == "gone" => PeerStatus::Destroyed,
        Conversation::OneToOne(_) | Conversation::ChatGroup(_) => PeerStatus::Unregistered,
    };
    for (accounts, chat_groups) in
        [(&accounts[..], &chat_groups[..]), (&accounts[3..5], &[][..]), (&[][..], &chat_groups[1..]), (&[], &[])]
    {
        let peers = [accounts, chat_groups].concat();
        let scope = Scope::Conversations(vec![one("p3")]);
        let (latest, statuses) = backend.latest(&alice, &scope, &peers).await.unwrap();
        assert_eq!(latest.state.arrangement(&one("p3")), &marks(1));
        assert_eq!(statuses, peers.iter().map(|peer| (peer.clone(), status(peer))).collect());
    }
}

/// Which of these accounts are imported.
pub(super) async fn imported(backend: &dyn Backend, app: AppId, accounts: &[&str]) -> Vec<bool> {
    let peers: Vec<_> = accounts.iter().map(|account| one(account)).collect();
    let statuses = backend.peer_statuses(app, &peers).await.unwrap();
    peers.iter().map(|peer| statuses.of(peer) == PeerStatus::Registered).collect()
}
