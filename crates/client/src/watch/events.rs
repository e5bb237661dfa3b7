//! One stream of events, from its request to its end.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{Method, Response, body::Incoming, header::CONTENT_TYPE};
use pinfold_wire::{
    envelope,
    sse::{Block, Reader},
};

use super::Cursor;
use crate::{CallError, Client, address::escape};

const WATCH: &str = "pinfold/watch";
const MEDIA_TYPE: &[u8] = b"text/event-stream";
/// Most bytes of an account or a cursor. Longer ones have no meaning, and could make the address too long to be sent.
const PARAMETER_BYTES_MAX: usize = 256;

/// An open stream.
pub(super) struct Events {
    body: Incoming,
    reader: Reader,
    bytes_max: usize,
    silence_max: Duration,
}

impl Events {
    /// Asks for the changes of an account after a cursor. A refusal is an error.
    pub(super) async fn open(
        client: &Client,
        account: Option<&str>,
        after: Option<&Cursor>,
    ) -> Result<Self, CallError> {
        let query = query(account, after.map(Cursor::as_str))?;
        let request = client.request(Method::GET, WATCH, &query, Bytes::new())?;
        let answer = client.in_time(client.answer(request)).await?;
        if !is_stream(&answer) {
            let refusal = client.in_time(client.read(answer.into_body())).await?;
            envelope::parse_outcome(&refusal)?;
            return Err(CallError::Ended);
        }
        let bytes_max = client.answer_bytes_max();
        let reader = Reader::new(bytes_max);
        Ok(Self { body: answer.into_body(), reader, bytes_max, silence_max: client.silence_max() })
    }

    /// The next block. After an error the stream is of no more use.
    pub(super) async fn next(&mut self) -> Result<Block, CallError> {
        loop {
            if let Some(block) = self.reader.next() {
                return Ok(block);
            }
            let frame = tokio::time::timeout(self.silence_max, self.body.frame()).await;
            let frame = frame.map_err(|_| CallError::Silent(self.silence_max))?.ok_or(CallError::Ended)?;
            let frame = frame.map_err(|error| CallError::Transport(error.into()))?;
            if let Ok(bytes) = frame.into_data() {
                self.reader.push(&bytes).map_err(|_| CallError::AnswerTooLong(self.bytes_max))?;
            }
        }
    }
}

/// The parameters of a watch besides those of every call, each with a `&` before it.
fn query(account: Option<&str>, after: Option<&str>) -> Result<String, CallError> {
    let mut query = String::new();
    for (name, value) in [("account", account), ("after", after)] {
        let Some(value) = value else { continue };
        if value.len() > PARAMETER_BYTES_MAX {
            return Err(CallError::ParameterTooLong(name));
        }
        query.push_str(&format!("&{name}={}", escape(value)));
    }
    Ok(query)
}

fn is_stream(answer: &Response<Incoming>) -> bool {
    answer.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(MEDIA_TYPE))
}
