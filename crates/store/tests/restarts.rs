//! The same calls on a store that is restarted all the time and on one in memory come to the same.
#![allow(clippy::unwrap_used, reason = "the helpers are part of tests")]

mod support;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use pinfold_core::rules::{NewChatGroup, destroy_chat_group, import_chat_group};
use pinfold_core::{AppId, ChatGroupKind, ChatGroupSeq, HistoryChange, Timestamp};
use pinfold_store::embedded::Settings;
use pinfold_store::{AccountKey, Backend, Embedded, Memory, Store};
use proptest::collection::vec;
use proptest::prelude::*;

use support::rules::{Caller, policy};
use support::{account, chat_group_id, load, one, state};

const ACCOUNTS: usize = 3;
const GROUPS: [&str; 3] = ["Work", "Home", "工作"];

#[derive(Clone, Debug)]
enum Step {
    Mark {
        account: usize,
        peer: usize,
        clear: u64,
        set: u64,
    },
    /// Enough of them that a backend may write them together.
    MarkMany {
        account: usize,
        peers: Range<usize>,
        clear: u64,
        set: u64,
    },
    Create {
        account: usize,
        group: usize,
        peers: Vec<usize>,
    },
    Rename {
        account: usize,
        old: usize,
        new: usize,
    },
    DeleteGroup {
        account: usize,
        group: usize,
    },
    Pin {
        account: usize,
        pin: bool,
        peer: usize,
    },
    OrderGroups {
        account: usize,
        first: Vec<usize>,
    },
    OrderPins {
        account: usize,
        first: Vec<usize>,
    },
    /// An empty text takes the data away.
    SetData {
        account: usize,
        group: usize,
        data: String,
    },
    DeleteAccount {
        account: usize,
    },
    ChatGroup {
        id: usize,
        destroy: bool,
    },
    /// With a close or without, and with this cache from then on.
    Restart {
        close: bool,
        cache_bytes_max: u64,
    },
}

fn any_step() -> impl Strategy<Value = Step> {
    let (account, group, peer) = (|| 0..ACCOUNTS, || 0..GROUPS.len(), || 0..6usize);
    let cache_bytes_max = prop_oneof![Just(1), Just(3_000), Just(1 << 20)];
    prop_oneof![
        6 => (account(), peer(), 0..4u64, 0..4u64)
            .prop_map(|(account, peer, clear, set)| Step::Mark { account, peer, clear, set }),
        3 => (account(), 0..8usize, 8..16usize, 0..4u64, 0..4u64)
            .prop_map(|(account, from, to, clear, set)| Step::MarkMany { account, peers: from..to, clear, set }),
        4 => (account(), group(), vec(peer(), 0..4))
            .prop_map(|(account, group, peers)| Step::Create { account, group, peers }),
        2 => (account(), group(), group()).prop_map(|(account, old, new)| Step::Rename { account, old, new }),
        2 => (account(), group()).prop_map(|(account, group)| Step::DeleteGroup { account, group }),
        3 => (account(), any::<bool>(), peer()).prop_map(|(account, pin, peer)| Step::Pin { account, pin, peer }),
        2 => (account(), vec(group(), 1..3)).prop_map(|(account, first)| Step::OrderGroups { account, first }),
        2 => (account(), vec(peer(), 1..3)).prop_map(|(account, first)| Step::OrderPins { account, first }),
        2 => (account(), group(), "[a-z]{0,3}")
            .prop_map(|(account, group, data)| Step::SetData { account, group, data }),
        1 => account().prop_map(|account| Step::DeleteAccount { account }),
        2 => (peer(), any::<bool>()).prop_map(|(id, destroy)| Step::ChatGroup { id, destroy }),
        2 => (any::<bool>(), cache_bytes_max)
            .prop_map(|(close, cache_bytes_max)| Step::Restart { close, cache_bytes_max }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn restarts_change_nothing(steps in vec(any_step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let place = tempfile::tempdir().unwrap();
        runtime.block_on(both(async |cache_bytes_max| embedded(place.path(), cache_bytes_max), &steps));
    }

    #[test]
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
    fn postgres_comes_to_the_same(steps in vec(any_step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let url = support::postgres::shared().new_schema();
        runtime.block_on(both(async |_| Store::new(support::postgres(&url).await), &steps));
    }
}

/// Plays the steps on a store in memory, and on one that `open` opens again and again with this much cache.
async fn both(open: impl AsyncFn(u64) -> Store, steps: &[Step]) {
    let memory = Store::new(Arc::new(Memory::new()));
    let mut other = open(1 << 20).await;
    for step in steps {
        if let Step::Restart { close, cache_bytes_max } = step {
            if *close {
                other.backend().close().await.unwrap();
            }
            drop(other);
            other = open(*cache_bytes_max).await;
            assert_same(&memory, &other).await;
        } else {
            assert_eq!(play(&memory, step).await, play(&other, step).await, "{step:?}");
        }
    }
    assert_same(&memory, &other).await;
}

fn embedded(place: &Path, cache_bytes_max: u64) -> Store {
    let settings = Settings { cache_bytes_max, ..Settings::default() };
    Store::new(Arc::new(Embedded::open(place, &settings).unwrap()))
}

fn key(n: usize) -> pinfold_store::AccountKey {
    account(1, ["a", "ab", "b"][n])
}

/// The answer as text, a refusal included.
async fn play(store: &Store, step: &Step) -> String {
    let caller = |n: &usize| Caller { store: store.clone(), account: key(*n), policy: policy(4) };
    let peer = |n: &usize| one(&format!("peer {n}"));
    match step {
        Step::Mark { account, peer: n, clear, set } => {
            format!("{:?}", caller(account).mark(peer(n), *clear, *set).await)
        }
        Step::MarkMany { account, peers, clear, set } => {
            let caller = Caller { policy: policy(40), ..caller(account) };
            let peers: Vec<_> = peers.clone().map(|n| peer(&n)).collect();
            format!("{:?}", caller.mark_many(&peers, *clear, *set).await)
        }
        Step::Create { account, group, peers } => {
            let peers: Vec<_> = peers.iter().map(peer).collect();
            format!("{:?}", caller(account).create(GROUPS[*group], &peers).await)
        }
        Step::Rename { account, old, new } => {
            format!("{:?}", caller(account).rename(GROUPS[*old], GROUPS[*new]).await)
        }
        Step::DeleteGroup { account, group } => {
            format!("{:?}", caller(account).delete_conversation_group(GROUPS[*group]).await)
        }
        Step::Pin { account, pin, peer: n } => format!("{:?}", caller(account).pin(*pin, peer(n)).await),
        Step::OrderGroups { account, first } => {
            let first: Vec<_> = first.iter().map(|n| GROUPS[*n]).collect();
            format!("{:?}", caller(account).order_groups(&first).await)
        }
        Step::OrderPins { account, first } => {
            let first: Vec<_> = first.iter().map(peer).collect();
            format!("{:?}", caller(account).order_pins(&first).await)
        }
        Step::SetData { account, group, data } => {
            format!("{:?}", caller(account).set_group_data(GROUPS[*group], data).await)
        }
        Step::DeleteAccount { account } => format!("{:?}", caller(account).delete_account().await),
        Step::ChatGroup { id, destroy } => chat_group(store, *id, *destroy).await,
        Step::Restart { .. } => String::new(),
    }
}

async fn chat_group(store: &Store, id: usize, destroy: bool) -> String {
    let id = chat_group_id(&format!("team {id}"));
    let new = NewChatGroup { kind: ChatGroupKind::Work, name: "Team".into(), owner: None };
    let updated = store.update_chat_group(AppId(1), &id, |existing| {
        if destroy { destroy_chat_group(&id, existing) } else { import_chat_group(&id, existing, &new, Timestamp(1)) }
    });
    format!("{:?}", updated.await)
}

/// The changes that are kept of an account.
async fn changes(backend: &dyn Backend, account: &AccountKey) -> Vec<Arc<HistoryChange>> {
    match load(backend, account).await.version {
        Some(_) => support::history::stored(backend, account).await,
        None => Vec::new(),
    }
}

async fn assert_same(memory: &Store, other: &Store) {
    let (memory, other) = (memory.backend(), other.backend());
    for n in 0..ACCOUNTS {
        assert_eq!(state(memory, &key(n)).await, state(other, &key(n)).await);
        assert_eq!(changes(memory, &key(n)).await, changes(other, &key(n)).await);
    }
    let (mut of_memory, mut of_other) =
        (memory.list_accounts(None, None, 10).await.unwrap(), other.list_accounts(None, None, 10).await.unwrap());
    of_memory.sort();
    of_other.sort();
    assert_eq!(of_memory, of_other);
    let chat_groups = memory.list_chat_groups(AppId(1), ChatGroupSeq(0), 10).await.unwrap();
    assert_eq!(chat_groups, other.list_chat_groups(AppId(1), ChatGroupSeq(0), 10).await.unwrap());
}
