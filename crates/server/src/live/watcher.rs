//! One stream of `watch`: what it sends next, and when it ends (docs/protocol.md, section 8, `watch`).

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::{Body, Frame};
use pinfold_store::{Position, StoreError};
use pinfold_wire::sse;
use tokio::time::{sleep, timeout};

use super::cursor;
use super::hub::Subscription;
use super::missed::Missed;
use super::permission::Permission;
use super::position::{Standing, Step};
use super::told::{self, Told};
use crate::metrics::{WatchEnd, WatchMeter, WatchReset, WatchStart};
use crate::state::State;

/// A stream says something at least so often.
const QUIET_MAX: Duration = Duration::from_secs(15);
/// What a block takes besides its JSON, at most.
const BLOCK_BYTES: usize = 64;
/// After how long clients come back to a server that stops: the least, and what chance adds, so that they do not come
/// all at once.
const RETRY_MS: u32 = 1000;
const RETRY_SPREAD_MS: u32 = 4000;

/// Where a client stands that begins to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// Where the account stands.
    Now,
    /// Where its cursor says.
    Cursor(Standing),
    /// It has a cursor that is not one of this account.
    Unknown,
}

/// One stream.
pub(crate) struct Watcher {
    state: Arc<State>,
    subscription: Subscription,
    permission: Permission,
    standing: Standing,
    missed: Missed,
    /// The first block was not sent yet.
    begins: Option<WatchStart>,
    /// Nothing follows, for this reason.
    end: Option<WatchEnd>,
    meter: WatchMeter,
}

impl Watcher {
    /// The stream of an account that stood at `position` when the subscription had begun.
    pub(crate) async fn begin(
        state: Arc<State>,
        subscription: Subscription,
        permission: Permission,
        since: Since,
        position: Option<Position>,
    ) -> Result<Self, StoreError> {
        let now = Standing::of(position);
        let (mut standing, step) = match since {
            Since::Now => (now, Step::Skip),
            Since::Cursor(standing) if permission.app.policy.keeps_history() => (standing, standing.resume(position)),
            Since::Cursor(_) | Since::Unknown => (now, Step::Reset),
        };
        let mut missed = Missed::default();
        let is_whole = match (step, position) {
            (Step::Skip, _) => true,
            (Step::Read, Some(position)) => {
                standing.life = position.life;
                missed.up_to(position.revision);
                missed.read(&state.store, subscription.account(), standing).await?
            }
            (Step::Read | Step::Send | Step::Reset, _) => false,
        };
        if !is_whole {
            (missed, standing) = (Missed::default(), now);
        }
        let start = match since {
            Since::Now => WatchStart::Now,
            Since::Cursor(_) if is_whole => WatchStart::Cursor,
            Since::Cursor(_) | Since::Unknown => WatchStart::Reset,
        };
        let meter = state.meters.watch(&permission.app.meters, start);
        Ok(Self { state, subscription, permission, standing, missed, begins: Some(start), end: None, meter })
    }

    /// The body of its answer.
    pub(crate) fn into_body(self) -> impl Body<Data = Bytes, Error = Infallible> + Send + 'static {
        StreamBody::new(stream::unfold(self, async |mut watcher: Self| {
            let block = watcher.next().await?;
            Some((Ok(Frame::data(block)), watcher))
        }))
    }

    /// The next block. The right to get it is looked at when it is sent.
    async fn next(&mut self) -> Option<Bytes> {
        if self.end.is_some() {
            return None;
        }
        let block = self.block().await;
        let account = &self.subscription.account().account;
        match block.and_then(|block| self.permission.check(&self.state, account).map(|()| block)) {
            Ok(block) => Some(block),
            Err(end) => {
                self.end = Some(end);
                None
            }
        }
    }

    async fn block(&mut self) -> Result<Bytes, WatchEnd> {
        match self.begins.take() {
            Some(WatchStart::Now | WatchStart::Cursor) => return Ok(self.write(sse::began)),
            Some(WatchStart::Reset) => return Ok(self.write(sse::reset)),
            None => {}
        }
        if self.state.draining.is_cancelled() {
            return Ok(self.retry());
        }
        let mut quiet = pin!(sleep(QUIET_MAX.min(self.permission.left(&self.state))));
        loop {
            if let Some(change) = self.missed.next() {
                self.standing.revision = change.revision;
                return Ok(self.change(&told::json(&change)));
            }
            if self.missed.are_left(self.standing) {
                if !self.read_more().await? {
                    return self.reset().await;
                }
                continue;
            }
            let told = tokio::select! {
                told = self.subscription.told() => told,
                () = &mut quiet => return Ok(Bytes::from_static(sse::COMMENT)),
                () = self.state.draining.cancelled() => return Ok(self.retry()),
            };
            if let Some(block) = self.hear(told).await? {
                return Ok(block);
            }
        }
    }

    /// What to send of something that was told, or forgotten before it was heard.
    async fn hear(&mut self, told: Option<Told>) -> Result<Option<Bytes>, WatchEnd> {
        let (position, change) = match told {
            Some(Told::Change(change)) if change.position.life == self.standing.life => {
                (Some(change.position), Some(change))
            }
            Some(Told::Moved(position)) if position.life == self.standing.life => (Some(position), None),
            // It may be told late, of before the stream looked where its account stands.
            Some(Told::Change(_) | Told::Moved(_) | Told::Deleted | Told::Unsure) | None => {
                (self.position().await?, None)
            }
        };
        let Some(position) = position else {
            return Ok((self.standing != Standing::NOTHING).then(|| self.deleted()));
        };
        match (self.standing.next(position, change.is_some()), change) {
            (Step::Skip, _) => Ok(None),
            (Step::Send, Some(change)) => {
                self.standing = Standing::of(Some(position));
                self.meter.delivers(change.durable_at);
                Ok(Some(self.change(change.json())))
            }
            (Step::Read, _) => {
                self.standing.life = position.life;
                self.missed.up_to(position.revision);
                Ok(None)
            }
            (Step::Reset | Step::Send, _) => self.reset().await.map(Some),
        }
    }

    /// Has the client load anew and go on where the account stands now.
    async fn reset(&mut self) -> Result<Bytes, WatchEnd> {
        let position = self.position().await?;
        let Some(position) = position else { return Ok(self.deleted()) };
        let is_another = position.life != self.standing.life;
        self.meter.resets(if is_another { WatchReset::Replaced } else { WatchReset::NotKept });
        self.missed = Missed::default();
        self.standing = Standing::of(Some(position));
        Ok(self.write(sse::reset))
    }

    /// The account is gone: the last block.
    fn deleted(&mut self) -> Bytes {
        self.meter.resets(WatchReset::Deleted);
        self.end = Some(WatchEnd::Deleted);
        self.standing = Standing::NOTHING;
        self.write(sse::reset)
    }

    /// The server stops: the last block.
    fn retry(&mut self) -> Bytes {
        self.end = Some(WatchEnd::Draining);
        let mut block = Vec::new();
        sse::retry(&mut block, RETRY_MS + rand::random_range(0..RETRY_SPREAD_MS));
        block.into()
    }

    fn change(&self, json: &[u8]) -> Bytes {
        self.meter.event();
        let mut block = Vec::with_capacity(json.len() + BLOCK_BYTES);
        sse::change(&mut block, &self.cursor(), json);
        block.into()
    }

    fn write(&self, write: impl FnOnce(&mut Vec<u8>, &str)) -> Bytes {
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        write(&mut block, &self.cursor());
        block.into()
    }

    fn cursor(&self) -> String {
        cursor::write(self.subscription.account(), self.standing)
    }

    async fn read_more(&mut self) -> Result<bool, WatchEnd> {
        let read = self.missed.read(&self.state.store, self.subscription.account(), self.standing);
        in_time(&self.state, read).await
    }

    async fn position(&self) -> Result<Option<Position>, WatchEnd> {
        in_time(&self.state, self.state.store.position(self.subscription.account())).await
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let end = self.end.unwrap_or(WatchEnd::Left);
        tracing::debug!(reason = end.label(), "a watcher was ended");
        self.meter.ends(end);
    }
}

/// A stream whose account cannot be read ends: its client comes back and is told why.
async fn in_time<T>(state: &State, read: impl Future<Output = Result<T, StoreError>>) -> Result<T, WatchEnd> {
    let read = timeout(state.timeouts.answer, read).await;
    read.map_err(|_| WatchEnd::Store)?.map_err(|_| WatchEnd::Store)
}

#[cfg(test)]
mod tests;
