//! Two instances over one database.

use std::process::{Child, Stdio};

use pinfold_store::Postgres;
use pinfold_store::postgres::Settings;

use super::postgres::shared;
use super::*;
use crate::webhooks::leasing::LeaseTimes;

/// Short, but long enough for the time that a request may take, and for a machine that runs many tests at once.
const TIMES: LeaseTimes = LeaseTimes {
    lease: Duration::from_secs(8),
    renew: Duration::from_secs(1),
    look: Duration::from_millis(200),
    request_max: Duration::from_secs(5),
    slack: Duration::from_millis(500),
    free_max: Duration::from_secs(1),
};

async fn instance(url: &str, receiver: &Receiver) -> World {
    let backend = Postgres::open(&Settings::new(url.parse().unwrap())).await.unwrap();
    World::over(Store::new(Arc::new(backend)), &app(receiver), Pace { leases: TIMES, ..quick() })
}

/// How many shares each instance holds, ascending.
async fn shares(world: &World) -> Vec<usize> {
    let mut held = BTreeMap::<_, usize>::new();
    let leases = world.store().backend().leases(APP).await.unwrap();
    for lease in leases.into_iter().filter(|lease| lease.holder != 0) {
        *held.entry(lease.holder).or_default() += 1;
    }
    let mut counts: Vec<_> = held.into_values().collect();
    counts.sort_unstable();
    counts
}

/// Two instances that hold as many shares each.
async fn two(url: &str, receiver: &Receiver) -> [World; 2] {
    let worlds = [instance(url, receiver).await, instance(url, receiver).await];
    until(async || shares(&worlds[0]).await == [8, 8]).await;
    worlds
}

async fn sent(world: &World) -> u64 {
    let reports = world.state.webhooks.report(world.store()).await.unwrap();
    reports[0].server.as_ref().unwrap().sent
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn two_instances_send_each_change_once_and_in_order_and_both_of_them_send() {
    const ACCOUNTS: u32 = 100;
    let receiver = taking().await;
    let [first, second] = two(&shared().new_schema(), &receiver).await;
    for change in 1..=2 {
        for (number, world) in (0..ACCOUNTS).zip([&first, &second].into_iter().cycle().skip(change as usize)) {
            pin(world.store(), &format!("u{number}"), change).await;
        }
    }
    first.drained().await;
    assert_each_once(&receiver, ACCOUNTS as usize, 2);
    assert!(sent(&first).await > 0 && sent(&second).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn shares_of_an_instance_that_is_stopped_go_on_at_once_and_of_one_that_is_killed_when_its_leases_end() {
    for is_killed in [false, true] {
        let receiver = taking().await;
        let [first, second] = two(&shared().new_schema(), &receiver).await;
        if is_killed {
            drop(first);
            assert_eq!(shares(&second).await, [8, 8], "it released none");
        } else {
            first.stop().await;
        }
        let begin = Instant::now();
        pin_all(second.store(), 40).await;
        second.drained().await;
        assert_each_once(&receiver, 40, 1);
        assert!(is_killed || begin.elapsed() < TIMES.lease, "{:?}", begin.elapsed());
    }
}

/// A session that locks the leases until it is killed.
struct Locked(Child);

impl Locked {
    async fn of(url: &str) -> Self {
        let schema = url.rsplit("%3D").next().unwrap();
        let table = format!("{schema}.pinfold_webhook_leases");
        let sql = format!("BEGIN; LOCK TABLE {table}; SELECT pg_sleep(60)");
        let session = shared().psql_command(&sql).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let locks = format!(
            "SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND granted AND mode = 'AccessExclusiveLock'"
        );
        until(async || shared().psql(&locks) == "1").await;
        Self(session)
    }

    fn end(mut self, url: &str) {
        let schema = url.rsplit("%3D").next().unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
        shared().psql(&format!("{end} AND query LIKE '%{schema}.pinfold_webhook_leases%pg_sleep%'"));
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn an_instance_that_cannot_renew_its_leases_stops_sending_and_goes_on_when_it_can() {
    let (receiver, url) = (taking().await, shared().new_schema());
    let world = instance(&url, &receiver).await;
    until(async || shares(&world).await == [16]).await;
    pin(world.store(), "alice", 1).await;
    world.drained().await;
    let locked = Locked::of(&url).await;
    sleep(TIMES.lease - TIMES.request_max).await;
    pin_all(world.store(), 10).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 1, "nothing is sent under leases that may have ended");
    locked.end(&url);
    world.drained().await;
    assert_eq!(receiver.received().len(), 11);
}
