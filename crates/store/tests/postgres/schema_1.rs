//! Rows that a build wrote which knew schema 1: the columns of schema 2 are null in them.

use pinfold_core::{AppId, Head};
use pinfold_store::Life;

use super::recents::{entries, entry, message};
use super::support::postgres::shared;
use super::support::{NOW, account, delete, edit, load, mark, name, one, state};
use super::{open, short_timeouts};

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn null_columns_are_no_counted_change_no_order_and_no_data() {
    let url = shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let (backend, alice) = (open(&short_timeouts(&url)).await, account(1, "alice"));
    mark(&*backend, &alice, &one("bob"), 1).await;
    edit(&*backend, &alice, |draft| draft.create_conversation_group(&name("Work")).map(drop)).await;
    let expected = state(&*backend, &alice).await;
    backend.close().await.unwrap();
    let columns =
        ["revision", "newest_ms", "group_order", "pin_order", "data", "life"].map(|column| format!("{column} = NULL"));
    shared().psql(&format!("UPDATE {schema}.pinfold_accounts SET {}", columns.join(", ")));

    let backend = open(&short_timeouts(&url)).await;
    let found = state(&*backend, &alice).await;
    assert_eq!((found.head.revision, found.head.newest_ms), (0, u64::from(NOW.0) * 1000));
    assert_eq!(Head { revision: 2, ..found.head.clone() }, expected.head);
    assert_eq!(found.conversation_groups, expected.conversation_groups);
    mark(&*backend, &alice, &one("bob"), 3).await;
    assert_eq!(state(&*backend, &alice).await.head.revision, 1, "the next change is the first one counted");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_account_without_a_life_gets_entries_and_keeps_them_until_it_is_deleted() {
    let url = shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let (backend, alice) = (open(&short_timeouts(&url)).await, account(1, "alice"));
    mark(&*backend, &alice, &one("bob"), 1).await;
    backend.close().await.unwrap();
    shared().psql(&format!("UPDATE {schema}.pinfold_accounts SET life = NULL"));

    let backend = open(&short_timeouts(&url)).await;
    backend.touch(AppId(1), &message(5)).await.unwrap();
    for bits in 2..4 {
        assert_eq!(load(&*backend, &alice).await.version.unwrap().life, Life(0));
        assert_eq!(entries(&*backend, &alice).await, [entry(one("bob"), 5)]);
        assert_eq!(backend.sweep(None, 100).await.unwrap().removed, 0);
        mark(&*backend, &alice, &one("bob"), bits).await;
    }
    delete(&*backend, &alice).await;
    mark(&*backend, &alice, &one("bob"), 1).await;
    assert_ne!(load(&*backend, &alice).await.version.unwrap().life, Life(0));
    assert_eq!(entries(&*backend, &alice).await, []);
}
