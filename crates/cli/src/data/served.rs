//! Fetches a dump from the server that has the store open.

use std::io::Write;
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use pinfold_server::{BACKUP_PATH, StoreAccess, WITHOUT_HISTORY};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::progress::Progress;
use crate::failure::Failure;

/// How long the server may keep silent. It reads from its disk meanwhile, which may be busy.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// The longest reason of a refusal, in bytes.
const REASON_BYTES_MAX: usize = 4096;

/// Has the server write a dump to `to`. `None` if no server answers at the address that is left in the directory. The
/// server waits for `stall_max` while `to` takes nothing.
pub(super) fn dump(
    access: &StoreAccess,
    stall_max: Duration,
    with_history: bool,
    progress: bool,
    to: &mut dyn Write,
) -> Result<Option<()>, Failure> {
    Runtime::new()?.block_on(async {
        let Ok(Ok(stream)) = timeout(SILENCE_MAX, TcpStream::connect(access.address)).await else { return Ok(None) };
        let answer = in_time(ask(access, with_history, stream)).await?;
        if answer.status() != StatusCode::OK {
            return Err(refused(answer).await);
        }
        copy(answer.into_body(), stall_max, progress, to).await.map(Some)
    })
}

async fn ask(access: &StoreAccess, with_history: bool, stream: TcpStream) -> Result<Response<Incoming>, Failure> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the answer, which has the cause.
    tokio::spawn(connection);
    let path = if with_history { BACKUP_PATH.into() } else { format!("{BACKUP_PATH}?{WITHOUT_HISTORY}") };
    let request = Request::post(path)
        .header(HOST, access.address.to_string())
        .header(AUTHORIZATION, &access.authorization)
        .body(Empty::<Bytes>::new())?;
    // An early end may come before the first byte is sent.
    sender
        .send_request(request)
        .await
        .map_err(|error| if error.is_incomplete_message() { ended_early() } else { error.into() })
}

fn ended_early() -> Failure {
    Failure::new("the server ended the backup early; its log says why")
}

fn stalled(stood: Duration) -> Failure {
    let seconds = stood.as_secs_f32();
    Failure::new(format!(
        "the server ended the backup early: where it is written to took nothing for {seconds:.1} s, which is more than \
         timeouts.backup_stall_ms; write it to a file, or raise that"
    ))
}

async fn refused(answer: Response<Incoming>) -> Failure {
    let status = answer.status();
    let reason = Limited::new(answer.into_body(), REASON_BYTES_MAX).collect().await;
    let reason = reason.map(|reason| String::from_utf8_lossy(&reason.to_bytes()).trim_end().to_owned());
    Failure::new(format!("the server gives no backup: {} ({status})", reason.unwrap_or_default()))
}

async fn copy(mut body: Incoming, stall_max: Duration, progress: bool, to: &mut dyn Write) -> Result<(), Failure> {
    let mut told = Progress::begin("reading", None, progress);
    let (mut bytes, mut lines, mut stood_max) = (0, 0, Duration::ZERO);
    while let Some(frame) = in_time(async { Ok(body.frame().await) }).await? {
        let frame = frame.map_err(|_| if stood_max >= stall_max { stalled(stood_max) } else { ended_early() })?;
        let Ok(mut data) = frame.into_data() else { continue };
        bytes += data.remaining() as u64;
        lines += data.iter().filter(|byte| **byte == b'\n').count() as u64;
        let began = Instant::now();
        to.write_all(&data.copy_to_bytes(data.remaining()))?;
        stood_max = stood_max.max(began.elapsed());
        told.tell(bytes, lines);
    }
    told.end();
    Ok(())
}

async fn in_time<T>(call: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(SILENCE_MAX, call).await.map_err(|_| Failure::new("the server did not answer in time"))?
}
