//! Follows the changes of an account (docs/protocol.md, section 8, "watch").

mod cursor;
mod events;
mod follower;
mod waits;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{Stream, StreamExt as _, stream};
use pinfold_wire::pinfold::change::Change;

pub use cursor::Cursor;

use crate::{CallError, Client};
use follower::Follower;

/// What a [`Watch`] tells.
#[derive(Debug)]
pub enum Watched {
    /// The service tells what comes after this. So it is the time to load what there is: a client watches first, then
    /// loads. Comes again, without a need to load again, after each interruption that nothing was missed in.
    Began(Cursor),
    /// A change, and the cursor to go on from once it was dealt with.
    Change(Cursor, Change),
    /// Changes were missed, or the account was deleted or restored: load anew. The next changes come after this.
    Reset(Cursor),
    /// There is no connection now, for this cause. Another attempt follows after this time.
    Waiting(CallError, Duration),
}

/// The changes of an account, as they happen: a [`Stream`] that reconnects by itself and goes on from the last change it
/// told, without gap or repeat. An error is the last that it gives. Dropping it ends the connection.
pub struct Watch {
    told: Pin<Box<dyn Stream<Item = Result<Watched, CallError>> + Send>>,
}

impl Watch {
    /// What is told next. `None` after an error. May be cancelled: nothing is lost.
    pub async fn next(&mut self) -> Option<Result<Watched, CallError>> {
        self.told.next().await
    }
}

impl Client {
    /// Follows the changes of an account; `None` is the account that signs. They begin after the cursor, or now.
    ///
    /// Connects when it is polled first. A connection that ends, breaks or is silent for longer than
    /// [`Settings::silence_max`](crate::Settings::silence_max) is followed by another, after 0.5 s, then 1 s, 2 s and so
    /// on up to 30 s, less up to half of it by chance, or when the service asks for it. The same goes for refusals that
    /// pass: 60007, 60008, 60011, 60018, 50004, 50005. Any other ends it.
    ///
    /// At most what came with one read of the connection is held, and an event of at most
    /// [`Settings::answer_bytes_max`](crate::Settings::answer_bytes_max). The service ends a stream that is not read; it
    /// is then resumed.
    pub fn watch(&self, account: Option<&str>, after: Option<Cursor>) -> Watch {
        let follower = Follower::new(self.clone(), account.map(str::to_owned), after);
        let told = stream::unfold(Some(follower), |follower| async {
            let mut follower = follower?;
            let told = follower.next().await;
            let goes_on = told.is_ok();
            Some((told, goes_on.then_some(follower)))
        });
        Watch { told: Box::pin(told) }
    }
}

impl Stream for Watch {
    type Item = Result<Watched, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.told.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
