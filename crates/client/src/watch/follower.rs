//! Opens one stream after another, each where the one before ended.

use pinfold_wire::{
    Code,
    sse::{self, Block},
};
use tokio::time::Instant;

use super::{Cursor, Watched, events::Events, waits::Waits};
use crate::{CallError, Client};

/// Refusals that pass by themselves.
const PASSING: [Code; 6] =
    [Code::Internal, Code::StoreTimeout, Code::CommandTooOften, Code::TimedOut, Code::AppTooOften, Code::Overloaded];
/// Statuses of something in between that pass, besides those from 500.
const PASSING_STATUSES: [u16; 2] = [408, 429];

pub(super) struct Follower {
    client: Client,
    account: Option<String>,
    /// The last that was told.
    after: Option<Cursor>,
    events: Option<Events>,
    waits: Waits,
    not_before: Instant,
}

impl Follower {
    pub(super) fn new(client: Client, account: Option<String>, after: Option<Cursor>) -> Self {
        Self { client, account, after, events: None, waits: Waits::new(), not_before: Instant::now() }
    }

    /// What is told next. An error is one that another attempt would meet again.
    pub(super) async fn next(&mut self) -> Result<Watched, CallError> {
        loop {
            match self.step().await {
                Ok(Some(watched)) => return Ok(watched),
                Ok(None) => {}
                Err(cause) if passes(&cause) => return Ok(self.wait(cause)),
                Err(cause) => return Err(cause),
            }
        }
    }

    /// Reads a block of the stream, or opens one if there is none. `None` if that tells the caller nothing.
    async fn step(&mut self) -> Result<Option<Watched>, CallError> {
        let Some(events) = &mut self.events else {
            tokio::time::sleep_until(self.not_before).await;
            let (account, after) = (self.account.as_deref(), self.after.as_ref());
            self.events = Some(Events::open(&self.client, account, after).await?);
            return Ok(None);
        };
        let block = events.next().await?;
        self.take(block)
    }

    fn take(&mut self, block: Block) -> Result<Option<Watched>, CallError> {
        match block {
            Block::Comment => Ok(None),
            Block::Retry(milliseconds) => {
                self.waits.ask(milliseconds);
                Ok(None)
            }
            Block::Began { id } => Ok(Some(Watched::Began(self.moved(id)))),
            Block::Event { kind, id, data } => {
                let watched = match kind.as_str() {
                    sse::CHANGE => {
                        let change = serde_json::from_str(&data).map_err(CallError::Unreadable)?;
                        Some(Watched::Change(self.moved(id), change))
                    }
                    sse::RESET => Some(Watched::Reset(self.moved(id))),
                    // Of a later version of the service.
                    _ => None,
                };
                Ok(watched)
            }
        }
    }

    /// The next stream begins after this.
    fn moved(&mut self, id: String) -> Cursor {
        self.waits.began();
        self.after.insert(Cursor::from(id)).clone()
    }

    fn wait(&mut self, cause: CallError) -> Watched {
        self.events = None;
        let delay = self.waits.take(rand::random());
        self.not_before = Instant::now() + delay;
        Watched::Waiting(cause, delay)
    }
}

/// Whether another attempt may succeed.
fn passes(cause: &CallError) -> bool {
    match cause {
        CallError::Transport(_) | CallError::Timeout(_) | CallError::Ended | CallError::Silent(_) => true,
        CallError::Status(status) => *status >= 500 || PASSING_STATUSES.contains(status),
        CallError::Refused { code, .. } => PASSING.iter().any(|passing| passing.number() == *code),
        CallError::AnswerTooLong(_)
        | CallError::Unreadable(_)
        | CallError::NoCommand(_)
        | CallError::ParameterTooLong(_)
        | CallError::Signature(_) => false,
    }
}
