//! The yardstick: a bare `hyper` server that reads the body and answers a documented sample.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::tls;

const SAMPLE: &str = r#"{"ResultItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"user1"},"ResultCode":0,"ResultInfo":""}],"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}"#;

/// Serves until the process ends: HTTP/1.1, or over TLS what the client asks for.
pub(crate) async fn serve(listen: SocketAddr, tls_directory: Option<&Path>) -> Result<(), String> {
    let acceptor = tls_directory.map(tls::acceptor).transpose()?;
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        match &acceptor {
            None => drop(tokio::spawn(async move {
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
            })),
            Some(acceptor) => drop(tokio::spawn(over_tls(acceptor.clone(), stream))),
        }
    }
}

async fn over_tls(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = TokioIo::new(stream);
    let _ = if is_http2 {
        http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service_fn(answer)).await
    } else {
        http1::Builder::new().serve_connection(stream, service_fn(answer)).await
    };
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let mut answer = Response::new(Full::new(Bytes::from_static(SAMPLE.as_bytes())));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    Ok(answer)
}
