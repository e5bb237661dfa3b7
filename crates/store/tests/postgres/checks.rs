//! The check of a database: rows that pinfold cannot have written are reported, with the account they touch, and all others are read.

use pinfold_core::{AppId, ChatGroup, ChatGroupKind, Timestamp};
use pinfold_store::postgres::Settings;
use pinfold_store::{OnDamage, Postgres, check};

use super::support::postgres::{Server, shared};
use super::support::{account, chat_group_id, mark, one};
use super::{open, short_timeouts};

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn each_damage_of_a_database_is_told_and_no_other_account_is_lost() {
    let url = shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let backend = open(&short_timeouts(&url)).await;
    for number in 0..200 {
        mark(&*backend, &account(1, &format!("user {number:03}")), &one("bob"), 1).await;
    }
    let (kind, name, owner) = (ChatGroupKind::Public, "Team".to_owned(), None);
    let team = ChatGroup { kind, name, owner, created_at: Timestamp(1), destroyed: false };
    backend.put_chat_group(AppId(1), &chat_group_id("team"), None, &team).await.unwrap();
    let told = async || {
        let mut told = Vec::new();
        let checked = check(&*backend, |_| (), |damage| told.push(format!("{}: {}", damage.what, damage.problem)));
        let checked = checked.await.unwrap();
        (checked.accounts, told)
    };
    assert_eq!(told().await, (200, Vec::new()));
    let accounts = format!("{schema}.pinfold_accounts");
    for damage in [
        format!("DELETE FROM {accounts} WHERE account = 'user 007' AND kind = 0"),
        format!("UPDATE {accounts} SET kind = 77 WHERE account = 'user 063' AND kind = 4"),
        format!("UPDATE {accounts} SET marked = 5 WHERE account = 'user 064' AND kind = 0"),
        format!("UPDATE {accounts} SET label = '\\xff' WHERE account = 'user 128' AND kind = 4"),
        // After the last account that has a head.
        format!("DELETE FROM {accounts} WHERE account = 'user 199' AND kind = 0"),
        format!("UPDATE {schema}.pinfold_chat_group_counts SET live = 3"),
    ] {
        shared().psql(&damage);
    }
    let (read, told) = told().await;
    let expected = [
        "account \"user 007\" of app 1: damaged data: an account has rows but no head",
        "account \"user 063\" of app 1: damaged data: an account has a row of kind 77",
        "account \"user 064\" of app 1: marked is 5, and 1 records are marked",
        "account \"user 128\" of app 1: damaged data: a text is not valid UTF-8",
        "account \"user 199\" of app 1: damaged data: an account has rows but no head",
        "the count of chat groups of app 1: it says 1, of which 3 are not destroyed; found were 1, of which 1 are not destroyed",
    ];
    assert_eq!(told, expected);
    assert_eq!(read, 196, "the one with a wrong counter could be read");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn a_walk_over_a_sharded_database_is_not_of_one_instant() {
    let url = shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let backend = open(&short_timeouts(&url)).await;
    let is_of_one_instant = async || backend.snapshot(None, OnDamage::Stop, false).await.unwrap().is_of_one_instant();
    assert!(is_of_one_instant().await);
    // Citus has such a table, with a row for each table that it distributes.
    shared().psql(&format!("CREATE TABLE {schema}.pg_dist_partition (logicalrelid regclass)"));
    assert!(is_of_one_instant().await, "it distributes none of ours");
    shared().psql(&format!("INSERT INTO {schema}.pg_dist_partition VALUES ('{schema}.pinfold_accounts')"));
    assert!(!is_of_one_instant().await);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_own_postgres, ignore = "it starts a standby, so PostgreSQL must be installed here")]
async fn a_hot_standby_is_read_by_who_only_reads_and_refused_as_the_store_of_a_server() {
    let primary = Server::start(&["-c", "fsync=off"]);
    let url = primary.new_schema();
    mark(&*open(&short_timeouts(&url)).await, &account(1, "alice"), &one("bob"), 1).await;
    let standby = primary.standby(primary.address());
    let settings = short_timeouts(&url.replace(primary.host(), standby.host()));
    let reading = open(&Settings { read_only: true, ..settings.clone() }).await;
    let checked = check(&*reading, |_| (), |damage| panic!("{damage:?}")).await.unwrap();
    assert_eq!(checked.accounts, 1);
    let refusal = Postgres::open(&settings).await.map(|_| ()).unwrap_err().to_string();
    assert!(refusal.contains("it takes no writes"), "{refusal}");
}
