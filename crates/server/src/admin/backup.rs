//! `POST /backup` of the admin plane: everything the store keeps at one instant, as a dump.
//!
//! Only a caller that can read the data directory gets it ([`AccessFile`](super::access::AccessFile)).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use pinfold_store::Store;
use pinfold_store::dump::{DumpFormat, ExportError, Exporting, Moved, Writer};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Connection;
use crate::clock::system_clock;

/// The path of the admin plane that answers with a dump.
pub const BACKUP_PATH: &str = "/backup";
/// The query after that path for a dump without the history of accounts.
pub const WITHOUT_HISTORY: &str = "history=0";

/// The backups that a server offers.
pub(crate) struct Backups {
    store: Store,
    /// Each one reads everything: they go one after the other.
    turn: Arc<Semaphore>,
    /// A reader that takes nothing for this time loses its backup: its snapshot keeps old data on the disk, and others
    /// wait for its turn.
    stall_max: Duration,
}

impl Backups {
    pub(crate) fn new(store: Store, stall_max: Duration) -> Self {
        Self { store, turn: Arc::new(Semaphore::new(1)), stall_max }
    }
}

/// Answers with a dump, if no other is on its way.
pub(crate) async fn answer(backups: &Backups, connection: Connection, query: Option<&str>) -> Response {
    let Ok(turn) = Arc::clone(&backups.turn).try_acquire_owned() else {
        return (StatusCode::CONFLICT, "another backup is on its way\n").into_response();
    };
    let format = DumpFormat { with_history: query != Some(WITHOUT_HISTORY), ..DumpFormat::default() };
    match begin(backups, format).await {
        Ok(exporting) => {
            tracing::info!("a backup begins");
            let (parts, taken) = channel(1);
            connection.0.times_itself(true);
            let reader = Reader { parts, stall_max: backups.stall_max, connection };
            tokio::spawn(send(exporting, turn, reader, Unlogged(true)));
            ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body(taken))).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

async fn begin(backups: &Backups, format: DumpFormat) -> Result<Exporting<Vec<u8>>, ExportError> {
    let writer = Writer::begin_as(Vec::new(), system_clock().seconds(), format)?;
    // A reader that stands still is noticed here first.
    Ok(Exporting::begin(backups.store.backend(), writer).await?.idle_for(backups.stall_max * 2))
}

/// A part of the dump; `None` at its end.
type Part = Option<Bytes>;

/// Why a backup ended early.
#[derive(Debug, thiserror::Error)]
enum Early {
    #[error(transparent)]
    Failed(#[from] ExportError),
    #[error("the client left, or this server stops")]
    Left,
    #[error("nothing was read of it for {} seconds (timeouts.backup_stall_ms)", .0.as_secs_f32())]
    Stalled(Duration),
}

/// The reader of a backup.
struct Reader {
    parts: Sender<Part>,
    stall_max: Duration,
    connection: Connection,
}

impl Reader {
    async fn give(&self, part: Part) -> Result<(), Early> {
        let given = timeout(self.stall_max, self.parts.send(part)).await;
        given.map_err(|_| Early::Stalled(self.stall_max))?.map_err(|_| Early::Left)
    }

    /// Waits until everything was taken.
    async fn end(&self) -> Result<(), Early> {
        self.give(None).await?;
        timeout(self.stall_max, self.parts.closed()).await.map_err(|_| Early::Stalled(self.stall_max))
    }
}

/// Sends a dump to its reader, logs how that ended, and hands the turn on.
async fn send(exporting: Exporting<Vec<u8>>, turn: OwnedSemaphorePermit, reader: Reader, unlogged: Unlogged) {
    let ended = send_all(exporting, &reader).await;
    drop(turn);
    match ended {
        Err(Early::Stalled(_)) => reader.connection.0.give_up(),
        Ok(_) | Err(Early::Failed(_) | Early::Left) => reader.connection.0.times_itself(false),
    }
    unlogged.log(&ended);
}

async fn send_all(mut exporting: Exporting<Vec<u8>>, reader: &Reader) -> Result<Moved, Early> {
    while let Some(chunk) = exporting.chunk().await? {
        reader.give(Some(chunk.into())).await?;
    }
    let (rest, moved) = exporting.end()?;
    reader.give(Some(rest.into())).await?;
    reader.end().await?;
    Ok(moved)
}

/// The parts of the dump. Without an end the answer has none either, so that it is not taken for a whole one.
fn body(parts: Receiver<Part>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold(parts, |mut parts| async {
        let part = parts.recv().await.ok_or_else(|| io::Error::other("the backup ended early"))?;
        Ok(part.map(|bytes| (bytes, parts)))
    })
}

/// Whether the end of a backup is still to be logged. It is logged when this is dropped, if not before.
struct Unlogged(bool);

impl Unlogged {
    fn log(mut self, ended: &Result<Moved, Early>) {
        self.0 = false;
        match ended {
            Ok(Moved { accounts, entries, changes, chat_groups, chat_group_times, bytes, .. }) => {
                tracing::info!(accounts, entries, changes, chat_groups, chat_group_times, bytes, "a backup was read");
            }
            Err(error @ Early::Failed(_)) => tracing::error!(cause = %error, "a backup ended early"),
            Err(error @ (Early::Left | Early::Stalled(_))) => tracing::warn!(cause = %error, "a backup ended early"),
        }
    }
}

impl Drop for Unlogged {
    fn drop(&mut self) {
        if self.0 {
            tracing::warn!(cause = %Early::Left, "a backup ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use pinfold_store::Memory;
    use pinfold_store::dump::Reader as DumpReader;

    use super::*;
    use crate::net::idle::ConnectionActivity;

    const STALL_MAX: Duration = Duration::from_secs(60);

    fn offered() -> Backups {
        Backups::new(Store::new(Arc::new(Memory::new())), STALL_MAX)
    }

    fn connection() -> Connection {
        Connection(Arc::new(ConnectionActivity::default()))
    }

    /// Waits until the turn is free, and asks for a backup.
    async fn ask_in_turn(offer: &Backups) -> Response {
        drop(offer.turn.acquire().await.unwrap());
        answer(offer, connection(), None).await
    }

    #[tokio::test]
    async fn backups_go_one_after_the_other_and_the_turn_goes_with_the_answer() {
        let offer = offered();
        let first = answer(&offer, connection(), None).await;
        let second = answer(&offer, connection(), None).await;
        assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::CONFLICT));
        drop(first);
        let third = ask_in_turn(&offer).await;
        let dump = axum::body::to_bytes(third.into_body(), usize::MAX).await.unwrap();
        assert!(DumpReader::new(&dump[..]).read_to_end(|_| ()).is_ok());
        assert_eq!(ask_in_turn(&offer).await.status(), StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_loses_its_turn_and_its_connection() {
        let offer = offered();
        let connection = connection();
        let stalled = answer(&offer, connection.clone(), None).await;
        let began = tokio::time::Instant::now();
        drop(offer.turn.acquire().await.unwrap());
        assert!((STALL_MAX..STALL_MAX * 3).contains(&began.elapsed()), "after {:?}", began.elapsed());
        connection.0.ended().await;
        // What was given before does not look like a whole backup.
        assert!(axum::body::to_bytes(stalled.into_body(), usize::MAX).await.is_err());
    }
}
