//! From a dump into a store. An account is one commit, so it is there as a whole or not at all.

mod ahead;
mod changes;
mod chat_groups;
mod mode;
mod touches;

use std::io::BufRead;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use pinfold_core::{AccountState, StateDiff};

use self::ahead::Ahead;
use self::changes::Changes;
use self::chat_groups::{ChatGroups, Line};
use self::mode::Put;
use self::touches::{PendingTouches, Touch};
use super::error::{name, name_of_chat_group};
use super::{ImportError, Item, LineError, Moved, PlacedItem, Reader};
use crate::{AccountKey, Backend, Commit, ListedChatGroup, OnDamage, Scope, SnapshotItem, StoreError, Version};

pub use self::mode::Mode;

/// Accounts on their way into the store at the same time: enough for its group commit to gather many in one sync.
const IN_FLIGHT_MAX: usize = 64;

/// Puts everything of a dump into the store.
///
/// Reads on a thread of its own, ahead by a bounded number of accounts and bytes.
///
/// # Errors
/// [`ImportError`]. What was imported until then stays and is whole; `progress` has counted it.
pub async fn import<R: BufRead + Send + 'static>(
    backend: &dyn Backend,
    reader: Reader<R>,
    mode: Mode,
    progress: impl FnMut(&Moved),
) -> Result<Moved, ImportError> {
    if mode == Mode::IntoEmpty {
        check_empty(backend).await?;
    }
    let mut import = Import { backend, mode, moved: Moved::default(), progress };
    import.run(Ahead::of(reader)).await?;
    Ok(import.moved)
}

async fn check_empty(backend: &dyn Backend) -> Result<(), ImportError> {
    let mut snapshot = backend.snapshot(None, OnDamage::Stop, false).await?;
    while let Some(found) = snapshot.next().await? {
        match found {
            SnapshotItem::Account(account, _)
            | SnapshotItem::Entry(account, _)
            | SnapshotItem::Change(account, _)
            | SnapshotItem::LostHistory(account, _) => {
                return Err(ImportError::NotEmpty(name(&account)));
            }
            SnapshotItem::ChatGroup(app, ListedChatGroup { id, .. }) | SnapshotItem::ChatGroupTime(app, id, _) => {
                return Err(ImportError::NotEmpty(name_of_chat_group(app, &id)));
            }
            SnapshotItem::Damage(damage) => return Err(ImportError::NotEmpty(damage.what)),
            SnapshotItem::Counts(..) => {}
        }
    }
    Ok(())
}

struct Import<'b, P> {
    backend: &'b dyn Backend,
    mode: Mode,
    moved: Moved,
    progress: P,
}

/// How an account ended that was on its way.
struct Ended {
    account: AccountKey,
    line: u64,
    bytes: u64,
    put: Result<Put, String>,
}

impl<P: FnMut(&Moved)> Import<'_, P> {
    async fn run(&mut self, mut ahead: Ahead) -> Result<(), ImportError> {
        let mut next = self.accounts(&mut ahead).await?;
        let mut chat_groups = ChatGroups::new(self.backend, self.mode);
        let mut touches = PendingTouches::new(self.backend);
        let mut changes = Changes::new(self.backend);
        while let Some(read) = next {
            self.put_other(read, &mut chat_groups, &mut touches, &mut changes).await?;
            next = ahead.next().await?.map(|(read, _)| read);
        }
        self.add(&changes.put().await?);
        chat_groups.end(&mut |put, bytes| self.count_chat_group(put, bytes)).await?;
        self.add(&touches.put().await?);
        Ok(())
    }

    /// Puts an item that is not an account, some time before the end.
    async fn put_other(
        &mut self,
        PlacedItem { line, bytes, item, .. }: PlacedItem,
        chat_groups: &mut ChatGroups<'_>,
        touches: &mut PendingTouches<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), LineError> {
        let (app, touch) = match item {
            Item::Entry(AccountKey { app, account }, entry) => (app, Touch::Entry(account, entry)),
            Item::ChatGroupTime(app, id, at) => (app, Touch::ChatGroup(id, at)),
            Item::Change(account, change) => {
                self.add(&changes.add(account, change, line, bytes).await?);
                return Ok(());
            }
            Item::ChatGroup(app, _, id, chat_group) => {
                let new = Line { app, id, chat_group, line, bytes };
                return chat_groups.put(new, &mut |put, bytes| self.count_chat_group(put, bytes)).await;
            }
            // The reader gives no account after other items.
            Item::Account(..) => return Ok(()),
        };
        self.add(&touches.add(app, touch, line, bytes).await?);
        Ok(())
    }

    /// Imports accounts up to the first line of another kind, which it returns; `None` at the end of the dump.
    async fn accounts(&mut self, ahead: &mut Ahead) -> Result<Option<PlacedItem>, ImportError> {
        let (backend, mode) = (self.backend, self.mode);
        let mut on_the_way = FuturesUnordered::new();
        let mut stopped: Option<Result<Option<PlacedItem>, LineError>> = None;
        loop {
            tokio::select! {
                next = ahead.next(), if stopped.is_none() && on_the_way.len() < IN_FLIGHT_MAX => match next {
                    Ok(Some((PlacedItem { item: Item::Account(account, state), line, bytes, .. }, room))) => {
                        on_the_way.push(async move {
                            let put = put(backend, mode, &account, &state).await;
                            drop(room);
                            Ended { account, line, bytes, put }
                        });
                    }
                    other => stopped = Some(other.map(|read| read.map(|(read, _)| read))),
                },
                Some(ended) = on_the_way.next(), if !on_the_way.is_empty() => {
                    match ended.put {
                        Ok(put) => self.count(put, ended.bytes, |moved| &mut moved.accounts),
                        Err(problem) => {
                            let problem = format!("{}: {problem}", name(&ended.account));
                            let error = LineError { line: ended.line, problem };
                            stopped = Some(Err(first(stopped.take(), error)));
                        }
                    }
                }
                else => break,
            }
        }
        Ok(stopped.transpose()?.flatten())
    }

    fn count(&mut self, put: Put, bytes: u64, counter: impl FnOnce(&mut Moved) -> &mut u64) {
        match put {
            Put::New => *counter(&mut self.moved) += 1,
            Put::There => self.moved.there_already += 1,
        }
        self.tell(bytes);
    }

    fn count_chat_group(&mut self, put: Put, bytes: u64) {
        self.count(put, bytes, |moved| &mut moved.chat_groups);
    }

    /// Counts entries, changes and times.
    fn add(&mut self, put: &Moved) {
        self.moved.entries += put.entries;
        self.moved.changes += put.changes;
        self.moved.chat_group_times += put.chat_group_times;
        if put.bytes > 0 {
            self.tell(put.bytes);
        }
    }

    fn tell(&mut self, bytes: u64) {
        self.moved.bytes = self.moved.bytes.max(bytes);
        (self.progress)(&self.moved);
    }
}

/// Of two errors the one on the smaller line.
fn first<T>(stopped: Option<Result<T, LineError>>, error: LineError) -> LineError {
    match stopped {
        Some(Err(earlier)) if earlier.line < error.line => earlier,
        _ => error,
    }
}

async fn put(backend: &dyn Backend, mode: Mode, account: &AccountKey, state: &AccountState) -> Result<Put, String> {
    let failed = |error: StoreError| format!("the store: {error}");
    if mode == Mode::Resume {
        let there = backend.load(account, &Scope::All).await.map_err(failed)?;
        if there.version.is_some() {
            let same = *there.state == *state;
            return if same {
                Ok(Put::There)
            } else {
                Err("the store has something else for it; nothing of it was changed".into())
            };
        }
    }
    match backend.commit(account, None, Version::after(None), StateDiff::whole(state)).await.map_err(failed)? {
        Commit::Committed => Ok(Put::New),
        Commit::Conflict => Err("the store has it already; it is in the dump twice, or another process writes".into()),
    }
}
