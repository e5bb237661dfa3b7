//! Reading ahead: the next lines are parsed on a thread of their own while others are on their way to the disk.

use std::io::BufRead;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::{LineError, PlacedItem, Reader};

/// Lines that wait for their turn.
const LINES_MAX: usize = 256;
/// Bytes of the lines that were read and are not in the store yet. A longer line goes alone.
const BYTES_MAX: u32 = 32 << 20;

/// Held as long as an item is in memory.
pub(super) type Room = OwnedSemaphorePermit;
type Read = Result<Option<(PlacedItem, Room)>, LineError>;

/// Items of a dump, read ahead.
pub(super) struct Ahead {
    items: Receiver<Read>,
}

impl Ahead {
    pub(super) fn of<R: BufRead + Send + 'static>(mut reader: Reader<R>) -> Self {
        let (sender, items) = channel(LINES_MAX);
        tokio::task::spawn_blocking(move || read(&mut reader, &sender));
        Self { items }
    }

    /// The next item; `None` after the last one.
    pub(super) async fn next(&mut self) -> Read {
        // The reader reports the end; if it went away without a report, the dump is incomplete.
        let ended = || LineError { line: 0, problem: "the reader of the dump ended early".into() };
        self.items.recv().await.unwrap_or_else(|| Err(ended()))
    }
}

/// Reads to the end, to an error, or until the receiver is gone.
fn read<R: BufRead>(reader: &mut Reader<R>, to: &Sender<Read>) {
    let room = Arc::new(Semaphore::new(BYTES_MAX as usize));
    loop {
        let read = reader.read();
        let last = !matches!(read, Ok(Some(_)));
        let item = read.map(|item| {
            item.and_then(|item| {
                let bytes = u32::try_from(item.line_bytes).unwrap_or(u32::MAX).min(BYTES_MAX);
                let room = Handle::current().block_on(Arc::clone(&room).acquire_many_owned(bytes));
                // The semaphore is never closed.
                room.ok().map(|room| (item, room))
            })
        });
        if to.blocking_send(item).is_err() || last {
            return;
        }
    }
}
