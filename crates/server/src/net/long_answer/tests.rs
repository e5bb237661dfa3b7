use std::convert::Infallible;
use std::time::Duration;

use futures_util::{FutureExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::super::connection::{Bounds, serve};
use super::super::idle::{ConnectionActivity, ConnectionTimeouts};
use super::super::rejections::RejectionCounters;
use super::*;

const LONG: Duration = Duration::from_secs(20);
/// For what is not to happen.
const SHORT: Duration = Duration::from_millis(300);

type Parts = UnsyncBoxBody<Bytes, Infallible>;

/// A body that goes on with what is sent here.
fn body(parts: Receiver<Bytes>) -> Parts {
    let parts = stream::unfold(parts, |mut parts| async {
        let part = parts.recv().await?;
        Some((Ok(Frame::data(part)), parts))
    });
    StreamBody::new(parts).boxed_unsync()
}

fn long_answer(activity: &Arc<ConnectionActivity>, parts: Receiver<Bytes>) -> LongAnswer<Parts> {
    LongAnswer::new(body(parts), AtWork(Arc::clone(activity)), &MemoryBudget::new(1))
}

fn timeouts() -> ConnectionTimeouts {
    ConnectionTimeouts { head: LONG, idle: LONG, send: LONG, tls_handshake: LONG }
}

/// A connection that has asked for a long answer over HTTP/1.
struct Served {
    client: TcpStream,
    parts: Sender<Bytes>,
    rejections: Arc<RejectionCounters>,
    task: JoinHandle<()>,
}

impl Served {
    async fn with(timeouts: ConnectionTimeouts) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let (parts, taken) = channel(1);
        let rejections = Arc::<RejectionCounters>::default();
        let (heads, answers) = (MemoryBudget::new(1 << 20), MemoryBudget::new(1 << 20));
        let bounds = Bounds { timeouts, heads, answers, rejections: Arc::clone(&rejections) };
        let activity = Arc::new(ConnectionActivity::default());
        let taken = std::sync::Mutex::new(Some(taken));
        let task = tokio::spawn(async move {
            let respond = |_, _| {
                let body = body(taken.lock().unwrap().take().unwrap());
                async { Response::new(body) }
            };
            serve(&bounds, stream, peer.ip(), activity, CancellationToken::new(), respond).await;
        });
        client.write_all(b"GET / HTTP/1.1\r\nHost: pinfold\r\n\r\n").await.unwrap();
        Self { client, parts, rejections, task }
    }

    /// Sends a part; the client reads until it has come.
    async fn pass(&mut self, text: &'static str) -> String {
        self.parts.send(Bytes::from_static(text.as_bytes())).await.unwrap();
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(text) {
            let more = timeout(LONG, self.client.read_buf(&mut read)).await.expect("nothing came").unwrap();
            assert!(more > 0, "closed after {:?}", String::from_utf8_lossy(&read));
        }
        String::from_utf8(read).unwrap()
    }

    /// Waits until the answer has been dropped.
    async fn ended(self) {
        timeout(LONG, self.parts.closed()).await.expect("the answer goes on");
        timeout(LONG, self.task).await.expect("the connection is open").unwrap();
    }
}

#[tokio::test]
async fn a_connection_whose_answer_goes_on_is_not_idle() {
    let mut served = Served::with(ConnectionTimeouts { idle: SHORT / 6, head: SHORT / 6, ..timeouts() }).await;
    served.pass("first").await;
    assert!(timeout(SHORT, served.client.read_u8()).await.is_err());
    served.pass("second").await;
}

#[tokio::test]
async fn over_http1_the_connection_closes_with_its_long_answer() {
    let mut served = Served::with(timeouts()).await;
    let head = served.pass("only").await;
    assert!(head.contains("connection: close\r\n") && head.contains("transfer-encoding: chunked\r\n"), "{head}");
    let Served { mut client, parts, .. } = served;
    drop(parts);
    let mut end = String::new();
    timeout(LONG, client.read_to_string(&mut end)).await.unwrap().unwrap();
    assert!(end.ends_with("0\r\n\r\n"), "{end}");
}

#[tokio::test]
async fn over_http1_a_client_that_leaves_is_noticed_before_something_is_sent() {
    let mut served = Served::with(timeouts()).await;
    served.pass("first").await;
    served.client.shutdown().await.unwrap();
    served.ended().await;
}

#[tokio::test]
async fn what_comes_during_a_long_answer_is_ignored_up_to_a_bound() {
    let mut served = Served::with(timeouts()).await;
    served.pass("first").await;
    served.client.write_all(b"\r\nGET / HTTP/1.1\r\n\r\n").await.unwrap();
    served.pass("second").await;
    let _ = served.client.write_all(&[b' '; 100_000]).await;
    served.ended().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_a_long_answer_is_ended_as_a_slow_reader() {
    let served = Served::with(ConnectionTimeouts { send: SHORT, ..timeouts() }).await;
    let part = Bytes::from(vec![b' '; 8192]);
    let sending = async {
        let mut sent = 0;
        while served.parts.send(part.clone()).await.is_ok() {
            sent += 1;
        }
        sent
    };
    let sent = timeout(LONG, sending).await.expect("not ended");
    // The buffers of the system on both sides, and one part of ours.
    assert!(sent < 1000, "{sent} parts of 8 KiB");
    assert_eq!(served.rejections.by_reason().into_iter().find(|(_, count)| *count > 0), Some(("slow_readers", 1)));
    served.ended().await;
}

fn part_now(answer: &mut LongAnswer<Parts>) -> Option<Bytes> {
    let frame = answer.frame().now_or_never()?;
    Some(frame.unwrap().unwrap().into_data().unwrap())
}

#[tokio::test]
async fn the_next_part_is_asked_for_only_when_the_last_one_has_left_and_is_written() {
    let activity = Arc::new(ConnectionActivity::default());
    let (parts, taken) = channel(3);
    for part in ["first", "second", "third"] {
        parts.send(Bytes::from_static(part.as_bytes())).await.unwrap();
    }
    let mut answer = long_answer(&activity, taken);
    drop(part_now(&mut answer).expect("the first part"));
    assert_eq!(part_now(&mut answer), None, "the first part is not written");
    activity.unread.written();
    let second = part_now(&mut answer).expect("the second part");
    activity.unread.written();
    assert_eq!(part_now(&mut answer), None, "the second part is still there");
    drop(second);
    assert_eq!(part_now(&mut answer).expect("the third part"), "third");
}

#[tokio::test]
async fn a_long_answer_that_waits_for_its_last_part_to_leave_is_woken() {
    let activity = Arc::new(ConnectionActivity::default());
    let (parts, taken) = channel(2);
    parts.send(Bytes::from_static(b"first")).await.unwrap();
    parts.send(Bytes::from_static(b"second")).await.unwrap();
    let mut answer = long_answer(&activity, taken);
    drop(part_now(&mut answer).expect("the first part"));
    let second = tokio::spawn(async move { answer.frame().await });
    tokio::task::yield_now().await;
    assert!(!second.is_finished());
    activity.unread.written();
    timeout(LONG, second).await.expect("not woken").unwrap();
}

#[tokio::test]
async fn a_client_that_gives_no_window_for_the_next_part_does_not_read() {
    let activity = Arc::new(ConnectionActivity::default());
    let (parts, taken) = channel(1);
    let mut answer = long_answer(&activity, taken);
    assert!(!activity.unread.is_empty(), "the first part was not asked for");
    assert!(answer.frame().now_or_never().is_none());
    assert!(activity.unread.is_empty(), "there is nothing to read");
    parts.send(Bytes::from_static(b"part")).await.unwrap();
    drop(answer.frame().now_or_never().unwrap());
    activity.unread.written();
    assert!(!activity.unread.is_empty(), "the second part was not asked for");
    drop(answer);
    assert!(activity.unread.is_empty());
}
