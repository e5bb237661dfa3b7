//! Tells callers how their commits ended, on a thread of its own: an answer may have to wake a thread of the
//! runtime, and the next batch should not wait for that.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::{Commit, StoreError};

/// What a caller waits for.
pub(super) type Ended = Result<Commit, StoreError>;
/// Where a caller waits.
pub(super) type Done = oneshot::Sender<Ended>;

/// The answers of a batch. Not bounded by itself: each belongs to a call that waits.
pub(super) struct Answers {
    batches: Option<Sender<Vec<(Done, Ended)>>>,
    thread: Option<JoinHandle<()>>,
}

impl Answers {
    pub(super) fn start() -> io::Result<Self> {
        let (sender, batches) = channel();
        let thread = std::thread::Builder::new().name("pinfold-answers".into()).spawn(move || give_all(&batches))?;
        Ok(Self { batches: Some(sender), thread: Some(thread) })
    }

    /// Gives these answers: many soon, a single one at once, since then nobody else waits for the writer.
    pub(super) fn give(&self, answers: Vec<(Done, Ended)>) {
        match &self.batches {
            // The thread lives as long as this does; without it callers learn that the writer ended.
            Some(batches) if answers.len() > 1 => drop(batches.send(answers)),
            _ => answers.into_iter().for_each(answer),
        }
    }
}

impl Drop for Answers {
    /// Waits until every answer is given.
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn give_all(batches: &Receiver<Vec<(Done, Ended)>>) {
    batches.iter().flatten().for_each(answer);
}

/// A caller that went away meanwhile is no error.
fn answer((done, ended): (Done, Ended)) {
    let _ = done.send(ended);
}
