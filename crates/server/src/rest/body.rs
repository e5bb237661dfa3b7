//! Reading a body: bounded in bytes and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use pinfold_wire::Code;
use tokio::time::{Instant, timeout_at};

use crate::net::memory_budget::{MemoryBudget, Reservation};
use crate::rest::error::Failure;

/// How much of a refused body is read and thrown away, so that its sender gets to read the answer.
const DISCARDED_BYTES_MAX: usize = 8 << 20;

/// How long that may take where the body would not have been used anyway.
const DISCARD_MAX: Duration = Duration::from_secs(2);

/// A failed call.
pub(crate) struct Refused<B> {
    pub(crate) failure: Failure,
    /// The body of the request, if it was not read to its end: part of it may still arrive.
    pub(crate) unread: Option<B>,
}

impl<B> From<Failure> for Refused<B> {
    fn from(failure: Failure) -> Self {
        Self { failure, unread: None }
    }
}

/// The limits within which a body is read.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) bytes_max: usize,
    pub(crate) began: Instant,
    /// For the whole body, counted from `began`.
    pub(crate) time_max: Duration,
    /// The sender waits for `100 Continue`, which the first read sends.
    pub(crate) is_awaited: bool,
}

impl Bounds {
    /// The limits for a body that is not used.
    pub(crate) fn unwanted(self) -> Self {
        Self { time_max: self.time_max.min(DISCARD_MAX), ..self }
    }

    fn deadline(&self) -> Instant {
        self.began + self.time_max
    }
}

/// Why a body is rejected.
enum Rejected {
    TooLarge,
    NoRoom,
}

impl Rejected {
    fn failure(self, bytes_max: usize) -> Failure {
        match self {
            Self::TooLarge => {
                Failure::Request(Code::RequestNotParsable, format!("the body is larger than {bytes_max} bytes"))
            }
            Self::NoRoom => Failure::no_room(),
        }
    }
}

/// Reads a whole body; its memory is counted by `reservation`.
pub(crate) async fn read<B>(
    mut body: B,
    bounds: Bounds,
    reservation: &mut Reservation<&MemoryBudget>,
) -> Result<Bytes, Refused<B>>
where
    B: Body<Data = Bytes> + Unpin,
{
    let bytes_max = bounds.bytes_max;
    match timeout_at(bounds.deadline(), collect(&mut body, bytes_max, reservation)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(rejected))) => {
            let failure = rejected.failure(bytes_max);
            Err(Refused { failure, unread: discard(body, bounds).await })
        }
        Ok(Err(_)) => {
            let sentence = "the body ended before it was complete".to_owned();
            Err(Refused { failure: Failure::Request(Code::RequestNotParsable, sentence), unread: Some(body) })
        }
        Err(_) => {
            let sentence = format!("the body did not arrive within {} seconds", bounds.time_max.as_secs_f32());
            Err(Refused { failure: Failure::Request(Code::TimedOut, sentence), unread: Some(body) })
        }
    }
}

/// Reads the bytes of a body, at most `bytes_max` of them and no more than there is memory for.
async fn collect<B>(
    body: &mut B,
    bytes_max: usize,
    reservation: &mut Reservation<&MemoryBudget>,
) -> Result<Result<Bytes, Rejected>, B::Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > bytes_max as u64 {
        return Ok(Err(Rejected::TooLarge));
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let bytes = first.len() + all.len() + data.len();
        if bytes > bytes_max {
            return Ok(Err(Rejected::TooLarge));
        }
        if !reservation.grow(bytes) {
            return Ok(Err(Rejected::NoRoom));
        }
        // Most bodies are one piece: those are not copied.
        if first.is_empty() && all.is_empty() {
            first = data;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&data);
        }
    }
    Ok(Ok(if all.is_empty() { first } else { all.freeze() }))
}

/// Reads the rest of a body and throws it away. Returns the body if its end was not reached. A sender that waits for
/// `100 Continue` is not asked for a body that is too large.
pub(crate) async fn discard<B>(mut body: B, bounds: Bounds) -> Option<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    if bounds.is_awaited && body.size_hint().lower() > bounds.bytes_max as u64 {
        return Some(body);
    }
    let is_at_end = timeout_at(bounds.deadline(), read_to_end(&mut body)).await.unwrap_or(false);
    if is_at_end { None } else { Some(body) }
}

/// Whether the end of a body came before an error and before [`DISCARDED_BYTES_MAX`].
async fn read_to_end<B>(body: &mut B) -> bool
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        discarded += frame.data_ref().map_or(0, Bytes::len);
        if discarded > DISCARDED_BYTES_MAX {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    fn bounds(bytes_max: usize) -> Bounds {
        Bounds { bytes_max, began: Instant::now(), time_max: Duration::from_secs(1), is_awaited: false }
    }

    fn pieces(pieces: &'static [&'static str]) -> impl Body<Data = Bytes, Error = std::io::Error> + Unpin {
        let frames = pieces.iter().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))));
        StreamBody::new(futures_util::stream::iter(frames))
    }

    /// The code of a refusal, and whether a part of the body is unread.
    async fn code<B: Body<Data = Bytes> + Unpin>(body: &mut B, bytes_max: usize) -> (u32, bool) {
        let refused = read(body, bounds(bytes_max), &mut MemoryBudget::new(1 << 20).reservation()).await.err().unwrap();
        (refused.failure.answer(None).0.number(), refused.unread.is_some())
    }

    #[tokio::test]
    async fn pieces_are_put_together_up_to_the_limit() {
        let whole = read(&mut pieces(&["ab", "cd", "e"]), bounds(5), &mut MemoryBudget::new(1).reservation())
            .await
            .ok()
            .unwrap();
        assert_eq!(whole, "abcde");
        assert_eq!(code(&mut pieces(&["ab", "cd", "ef"]), 5).await, (60002, false));
    }

    #[tokio::test]
    async fn a_body_that_announces_too_much_is_refused_and_read_to_its_end() {
        let mut body = Full::new(Bytes::from_static(b"abcdef"));
        assert_eq!(code(&mut body, 5).await, (60002, false));
        assert!(body.is_end_stream());
    }

    #[tokio::test]
    async fn a_sender_that_waits_is_not_asked_for_too_large_a_body() {
        let mut body = Full::new(Bytes::from_static(b"abcdef"));
        let waiting = Bounds { is_awaited: true, ..bounds(5) };
        let refused = read(&mut body, waiting, &mut MemoryBudget::new(1).reservation()).await.err().unwrap();
        assert!(refused.unread.is_some());
        assert!(!body.is_end_stream());
    }

    #[tokio::test]
    async fn a_large_body_for_which_there_is_no_room_is_refused_for_now_and_read_to_its_end() {
        let budget = MemoryBudget::new(30_000);
        let large = || Full::new(Bytes::from(vec![b' '; 20_000]));
        let mut first = budget.reservation();
        assert!(read(&mut large(), bounds(1 << 20), &mut first).await.is_ok());
        let mut body = large();
        let refused = read(&mut body, bounds(1 << 20), &mut budget.reservation()).await.err().unwrap();
        assert_eq!((refused.failure.answer(None).0.number(), refused.unread.is_none()), (60018, true));
        assert!(body.is_end_stream());
        drop(first);
        assert!(read(&mut large(), bounds(1 << 20), &mut budget.reservation()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_is_timed_out_and_returned_unread() {
        let stalled = futures_util::stream::pending::<Result<Frame<Bytes>, std::io::Error>>();
        assert_eq!(code(&mut StreamBody::new(stalled), 5).await, (60008, true));
    }
}
