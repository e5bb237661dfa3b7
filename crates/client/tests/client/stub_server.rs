//! A server on loopback that counts its connections and answers each path as the test wants.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, Version, body::Incoming, header::CONTENT_TYPE, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use pinfold_client::{Client, Settings};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) version: Version,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// How to answer every request.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

impl Answer {
    pub(crate) fn ok(body: &str) -> Answer {
        let content_type = "application/json; charset=utf-8";
        Answer { status: 200, content_type, body: body.to_owned(), after: Duration::ZERO }
    }
}

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) connections: AtomicUsize,
    pub(crate) seen: Mutex<Vec<Seen>>,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<Log>,
}

impl Server {
    /// Plain HTTP.
    pub(crate) async fn start(answer: Answer) -> Server {
        Self::start_with(answer, None).await
    }

    /// HTTPS, if there is an acceptor. Ends with the runtime of the test.
    pub(crate) async fn start_with(answer: Answer, tls: Option<TlsAcceptor>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server { address: listener.local_addr().unwrap(), log: Arc::default() };
        let log = Arc::clone(&server.log);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                log.connections.fetch_add(1, Ordering::SeqCst);
                let (log, answer, tls) = (Arc::clone(&log), answer.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, log, answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, log, answer).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::new(format!("http://{}", self.address), 7, "admin*", "key")
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.settings()).unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.seen.lock().unwrap().clone()
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, log: Arc<Log>, answer: Answer) {
    let service = service_fn(move |request| handle(request, Arc::clone(&log), answer.clone()));
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn handle(
    request: Request<Incoming>,
    log: Arc<Log>,
    answer: Answer,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    log.seen.lock().unwrap().push(Seen {
        version: head.version,
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        content_type: head.headers.get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    tokio::time::sleep(answer.after).await;
    let response = Response::builder().status(answer.status).header(CONTENT_TYPE, answer.content_type);
    Ok(response.body(Full::from(answer.body)).unwrap())
}
