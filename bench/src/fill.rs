//! Loading accounts before anything is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::accounts::{Accounts, Size};
use crate::caller::{Target, connect};
use crate::load::{self, Measured, Source};
use crate::prepare;
use crate::request::{Request, Whose};
use crate::scenario::Scenario;

/// Connections that load: enough for large batches.
const CONNECTIONS: usize = 256;
/// Connections that import: each call is a hundred writes at once, and more than 8192 that wait are refused.
const IMPORTING_CONNECTIONS: usize = 32;
/// Names in one import.
const IMPORTED: u32 = 100;
/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// What to load.
pub(crate) struct Fill {
    kinds: Vec<Accounts>,
    with_work: bool,
}

impl Fill {
    /// The usual accounts, and those of other kinds that a scenario touches.
    pub(crate) fn new(stored: u32, scenarios: &[Scenario]) -> Self {
        let size = Size { stored, touched: stored };
        let mut kinds = vec![Accounts::usual(size)];
        for scenario in scenarios {
            let kind = scenario.accounts(size);
            if kinds.iter().all(|other| other.prefix != kind.prefix) {
                kinds.push(kind);
            }
        }
        Self { kinds, with_work: scenarios.iter().any(|scenario| scenario.needs_work()) }
    }

    /// Records there will be.
    pub(crate) fn records(&self) -> u64 {
        self.kinds.iter().map(|kind| u64::from(kind.size.stored) * u64::from(kind.records)).sum()
    }
}

/// Loads everything; gives back how many of the usual accounts a second got their marks.
pub(crate) async fn fill(target: &Target, fill: &Fill) -> Result<f64, String> {
    import(target, "peers", prepare::PEERS, prepare::peer).await?;
    let mut per_second = 0.0;
    for kind in &fill.kinds {
        let (kind, stored) = (*kind, kind.size.stored);
        import(target, kind.prefix, stored, move |number| kind.name(number)).await?;
        // One block after the other, so that change numbers follow the peers.
        for first in (0..kind.records).step_by(100) {
            let peers = first..kind.records.min(first + 100);
            let marks = move |number| recent("mark_contact", &prepare::load(&kind.name(number), peers.clone()));
            let measured = all(target, CONNECTIONS, "marks", stored, marks).await?;
            if kind.prefix == fill.kinds[0].prefix {
                per_second = measured.per_second();
            }
        }
        if kind.entries > 0 {
            let send = move |number| {
                let body = prepare::messages(&kind.name(number), 0..kind.entries);
                Request::new("openim", "batchsendmsg", &body, Whose::Fixed)
            };
            all(target, IMPORTING_CONNECTIONS, "messages", stored, send).await?;
        }
        if kind.records > 100 {
            check_cursors(target, &kind).await?;
        }
    }
    if fill.with_work {
        let kind = fill.kinds[0];
        let group = move |number| recent("create_contact_group", &prepare::create(&kind.name(number), "Work", 0..0));
        all(target, CONNECTIONS, "groups", kind.size.stored, group).await?;
    }
    Ok(per_second)
}

/// Reads these many of the usual accounts once.
pub(crate) async fn read(target: &Target, accounts: u32) -> Result<(), String> {
    let kind = Accounts::usual(Size { stored: accounts, touched: accounts });
    let get = move |number| recent("get_contact_group", &prepare::get(&kind.name(number), 0));
    all(target, CONNECTIONS, "reads", accounts, get).await.map(drop)
}

fn recent(command: &str, body: &str) -> Request {
    Request::new("recentcontact", command, body, Whose::Fixed)
}

async fn import(
    target: &Target,
    what: &str,
    names: u32,
    name: impl Fn(u32) -> String + Send + Sync + 'static,
) -> Result<(), String> {
    let import = move |number| {
        let first = number * IMPORTED;
        let names: Vec<_> = (first..names.min(first + IMPORTED)).map(&name).collect();
        Request::new("im_open_login_svc", "multiaccount_import", &prepare::import(&names), Whose::Fixed)
    };
    all(target, IMPORTING_CONNECTIONS, &format!("imports of {what}"), names.div_ceil(IMPORTED), import).await.map(drop)
}

/// Sends `count` requests, each once, made as they are sent; tells how far it is.
async fn all(
    target: &Target,
    connections: usize,
    what: &str,
    count: u32,
    make: impl Fn(u32) -> Request + Send + Sync + 'static,
) -> Result<Measured, String> {
    let began = Instant::now();
    let (make, next) = (Arc::new(make), Arc::new(AtomicU32::new(0)));
    let once = |_| Once { make: Arc::clone(&make), next: Arc::clone(&next), count, made: None };
    let callers = connect(target, connections).await?;
    let mut loading = std::pin::pin!(load::run(callers, (0..connections).map(once).collect()));
    let mut progress = tokio::time::interval_at((began + PROGRESS).into(), PROGRESS);
    loop {
        tokio::select! {
            done = &mut loading => return done,
            _ = progress.tick() => {
                let sent = next.load(Ordering::Relaxed).min(count);
                let per_second = f64::from(sent) / began.elapsed().as_secs_f64();
                let left = f64::from(count - sent) / per_second;
                println!("  {what}: {sent} of {count}, {per_second:.0}/s, {left:.0} s left");
            }
        }
    }
}

/// Takes the next number of a shared count and makes its request.
struct Once<F> {
    make: Arc<F>,
    next: Arc<AtomicU32>,
    count: u32,
    made: Option<Request>,
}

impl<F: Fn(u32) -> Request + Send + Sync + 'static> Source for Once<F> {
    fn next(&mut self, _elapsed: Duration) -> Option<&Request> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.made = (number < self.count).then(|| (self.make)(number));
        self.made.as_ref()
    }
}

/// Walks the pages of the first account: the scenario's cursors must be the ones that the answers name.
async fn check_cursors(target: &Target, kind: &Accounts) -> Result<(), String> {
    let mut callers = connect(target, 1).await?;
    let caller = callers.first_mut().ok_or("no connection")?;
    for start in (0..u64::from(kind.records)).step_by(100) {
        let answer = caller.call(&recent("get_contact_group", &prepare::get(&kind.name(0), start))).await?;
        let answer: serde_json::Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
        let records = answer["ContactItem"].as_array().map_or(0, Vec::len);
        let is_last = start + 100 == u64::from(kind.records);
        if records != 100 || answer["NextStartIndex"] != if is_last { 0 } else { start + 100 } {
            return Err(format!("the page after {start} is not as expected: {records} records"));
        }
    }
    Ok(())
}
