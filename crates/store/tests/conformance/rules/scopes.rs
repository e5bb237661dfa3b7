//! Scopes: a backend loads at least what it was asked for, and a commit from a part keeps the rest.

use pinfold_core::{AccountState, Arrangement};
use pinfold_store::{Backend, Commit, Loaded, Scope, Version};

use super::Open;
use crate::support::{account, chat_group, edit, load, marking, marks, name, one, state};

pub(super) async fn suite(open: &impl Open) {
    every_scope_brings_all_but_records_and_at_least_the_records_asked_for(open).await;
    a_commit_from_a_part_keeps_the_rest(open).await;
    an_account_that_nothing_is_kept_for_is_empty_in_every_scope(open).await;
}

fn scopes() -> Vec<Scope> {
    let few = vec![one("carol"), one("nobody"), one("bob")];
    let many = (0..30).map(|n| one(&format!("nobody {n}"))).chain(few.clone()).collect();
    let in_chat_groups = vec![chat_group("team"), chat_group("bob")];
    let both = vec![one("bob"), chat_group("bob"), one("nobody")];
    let some = [vec![], vec![one("carol")], vec![chat_group("bob")], few, many, in_chat_groups, both];
    let some = some.into_iter().map(Scope::Conversations);
    [Scope::Head].into_iter().chain(some).chain([Scope::All]).collect()
}

/// Three records, a conversation group, a pin.
async fn fill(backend: &dyn Backend) -> AccountState {
    let alice = account(1, "alice");
    edit(backend, &alice, |draft| {
        let work = draft.create_conversation_group(&name("Work"))?;
        draft.arrange(&one("bob"), Arrangement::default().with_conversation_group(work));
        draft.arrange(&chat_group("bob"), marks(2));
        draft.arrange(&one("carol"), marks(3));
        draft.pin(&chat_group("team"))
    })
    .await;
    state(backend, &alice).await
}

async fn every_scope_brings_all_but_records_and_at_least_the_records_asked_for(open: &impl Open) {
    let backend = open("scopes").await;
    let full = fill(&*backend).await;
    let version = load(&*backend, &account(1, "alice")).await.version;
    assert_eq!(full.records.len(), 3);
    for scope in scopes() {
        let part = backend.load(&account(1, "alice"), &scope).await.unwrap();
        assert_eq!((part.version, &part.state.head), (version, &full.head), "{scope:?}");
        assert_eq!((&part.state.profile, &part.state.pins), (&full.profile, &full.pins), "{scope:?}");
        assert_eq!(part.state.conversation_groups, full.conversation_groups, "{scope:?}");
        for (conversation, record) in full.records.iter() {
            let asked = match &scope {
                Scope::Head => false,
                Scope::Conversations(some) => some.contains(conversation),
                Scope::All => true,
            };
            let found = part.state.records.get(conversation);
            assert!(found == Some(record) || (found.is_none() && !asked), "{conversation} in {scope:?}");
        }
    }
}

async fn a_commit_from_a_part_keeps_the_rest(open: &impl Open) {
    let backend = open("part").await;
    let mut expected = fill(&*backend).await;
    let alice = account(1, "alice");
    let scope = Scope::Conversations(vec![one("bob")]);
    let Loaded { version, state: part, .. } = backend.load(&alice, &scope).await.unwrap();
    let changes = marking(&part, &one("bob"), 8);
    expected.apply(&changes);
    let commit = backend.commit(&alice, version, Version::after(version), changes).await.unwrap();
    assert_eq!((commit, state(&*backend, &alice).await), (Commit::Committed, expected));
}

async fn an_account_that_nothing_is_kept_for_is_empty_in_every_scope(open: &impl Open) {
    let backend = open("nobody").await;
    for scope in scopes() {
        let nobody = backend.load(&account(1, "nobody"), &scope).await.unwrap();
        assert_eq!((nobody.version, nobody.state.is_empty()), (None, true), "{scope:?}");
    }
}
