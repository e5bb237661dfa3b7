//! How a command comes to what the store knows of webhooks: through the server that has an embedded store open, or
//! by itself where none has, and always by itself in a database.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Method, Request, StatusCode};
use pinfold_server::StoreAccess;
use pinfold_server::config::{StoreConfig, StoreUrl};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::admin_plane::{ask, block_on, late};
use crate::data::check_there;
use crate::failure::Failure;
use crate::serving;

/// For an answer. The server reads and syncs its disk meanwhile, which may be busy.
const TIME_MAX: Duration = Duration::from_secs(30);
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Asks the server that has the store open. `None` if the store is to be opened here.
pub(super) fn server(store: &StoreConfig, method: &Method, path: &str) -> Result<Option<Bytes>, Failure> {
    match &store.url {
        StoreUrl::Postgres(_) => Ok(None),
        StoreUrl::Memory => Err(Failure::new(
            "store.url is memory:, and what is in memory ends with its process; its webhooks cannot be reached from here",
        )),
        StoreUrl::File(directory) => {
            check_there(directory)?;
            serving::ask(directory, "tells nothing of webhooks", |access| block_on(asked(access, method, path)))
        }
    }
}

/// The body of an answer; `None` if no server answers.
async fn asked(access: &StoreAccess, method: &Method, path: &str) -> Result<Option<Bytes>, Failure> {
    let address = access.address.to_string();
    let Ok(Ok(stream)) = timeout(TIME_MAX, TcpStream::connect(access.address)).await else { return Ok(None) };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, &address)
        .header(AUTHORIZATION, &access.authorization)
        .body(Empty::new())?;
    let answered = timeout(TIME_MAX, ask(stream, &address, request, ANSWER_BYTES_MAX)).await;
    match answered.map_err(|_| late(&address, TIME_MAX))?? {
        (StatusCode::OK | StatusCode::NO_CONTENT, body) => Ok(Some(body)),
        (status, body) => {
            let reason = String::from_utf8_lossy(&body).trim_end().to_owned();
            Err(Failure::new(format!("the server refuses: {reason} ({status})")))
        }
    }
}
