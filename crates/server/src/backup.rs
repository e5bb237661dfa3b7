//! `POST /backup` of the admin plane: everything the store keeps at one instant, as a dump.
//!
//! Whoever may read the data directory may have it, and nobody else: a file in there, for its owner's eyes only, tells
//! the address of the admin plane and a secret of this run, which the call has to bring along.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use pinfold_store::dump::{ExportError, Exporting, Moved, Writer};
use pinfold_store::{Store, small_file};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::networks::reachable;
use crate::plane::system_clock;

const FILE: &str = "backup-access";
/// The path of the admin plane that answers with a dump.
pub const BACKUP_PATH: &str = "/backup";

/// What a backup of a store that is served needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupAccess {
    /// The admin plane, as it is reached from this machine.
    pub address: SocketAddr,
    /// The value of the header `Authorization`.
    pub authorization: String,
}

impl BackupAccess {
    /// What the server that serves the store in this directory left there; none if none did.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read(directory: &Path) -> io::Result<Option<Self>> {
        let text = match small_file::read_text(&directory.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let parsed = text.trim_end().split_once(' ').and_then(|(address, authorization)| {
            Some(Self { address: address.parse().ok()?, authorization: authorization.to_owned() })
        });
        parsed.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("{FILE} cannot be read")))
    }

    fn new(bound: SocketAddr) -> Self {
        let secret: String = rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { address: reachable(bound), authorization: format!("Bearer {secret}") }
    }

    fn write(&self, directory: &Path) -> io::Result<PathBuf> {
        let path = directory.join(FILE);
        small_file::replace(&path, format!("{} {}\n", self.address, self.authorization).as_bytes(), 0o600)?;
        Ok(path)
    }

    /// Sums are compared, so that the time it takes tells nothing of the secret.
    fn is_in(&self, headers: &HeaderMap) -> bool {
        let brought = headers.get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        Sha256::digest(brought) == Sha256::digest(self.authorization.as_bytes())
    }
}

/// The backups that a server offers; none any more when it is dropped.
pub(crate) struct Backups {
    store: Store,
    access: BackupAccess,
    file: PathBuf,
    /// Each one reads everything: they go one after the other.
    turn: Arc<Semaphore>,
}

impl Backups {
    /// Writes the file that tells how to ask for one.
    pub(crate) fn offer(store: Store, bound: SocketAddr, directory: &Path) -> io::Result<Self> {
        let access = BackupAccess::new(bound);
        let file = access.write(directory)?;
        Ok(Self { store, access, file, turn: Arc::new(Semaphore::new(1)) })
    }
}

impl Drop for Backups {
    /// A successor may have written its own already: the store is closed before this ends.
    fn drop(&mut self) {
        let there = self.file.parent().map(BackupAccess::read);
        if matches!(there, Some(Ok(Some(there))) if there == self.access) {
            let _ = fs::remove_file(&self.file);
        }
    }
}

/// Answers with a dump, if the caller brings the secret and no other dump is on its way.
pub(crate) async fn answer(backups: &Backups, headers: &HeaderMap) -> Response {
    if !backups.access.is_in(headers) {
        return (StatusCode::FORBIDDEN, format!("the secret is in the file {FILE} of the data directory\n"))
            .into_response();
    }
    let Ok(turn) = Arc::clone(&backups.turn).try_acquire_owned() else {
        return (StatusCode::CONFLICT, "another backup is on its way\n").into_response();
    };
    match begin(&backups.store).await {
        Ok(exporting) => {
            tracing::info!("a backup begins");
            let body = Body::from_stream(chunks(exporting, turn, Untold(true)));
            ([(CONTENT_TYPE, "application/x-ndjson")], body).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}

async fn begin(store: &Store) -> Result<Exporting<Vec<u8>>, ExportError> {
    let writer = Writer::begin(Vec::new(), system_clock()())?;
    Ok(Exporting::begin(store.backend(), writer).await?)
}

/// The parts of the dump. An error ends the answer without its end, so that nobody takes it for a whole one.
fn chunks(
    exporting: Exporting<Vec<u8>>,
    turn: OwnedSemaphorePermit,
    untold: Untold,
) -> impl Stream<Item = Result<Bytes, ExportError>> + Send + 'static {
    stream::try_unfold(Some((exporting, turn, untold)), |state| async move {
        let Some((mut exporting, turn, untold)) = state else { return Ok(None) };
        let ended = match exporting.chunk().await {
            Ok(Some(chunk)) => return Ok(Some((chunk.into(), Some((exporting, turn, untold))))),
            Ok(None) => exporting.end(),
            Err(error) => Err(error),
        };
        untold.tell(ended.as_ref().map(|(_, moved)| moved));
        ended.map(|(rest, _)| Some((rest.into(), None)))
    })
}

/// Whether the log has not yet been told how a backup ended. It is told when this is dropped, if not before.
struct Untold(bool);

impl Untold {
    fn tell(mut self, ended: Result<&Moved, &ExportError>) {
        self.0 = false;
        match ended {
            Ok(Moved { accounts, chat_groups, bytes, .. }) => {
                tracing::info!(accounts, chat_groups, bytes, "a backup was read");
            }
            Err(error) => tracing::error!(cause = %error, "a backup ended early"),
        }
    }
}

impl Drop for Untold {
    fn drop(&mut self) {
        if self.0 {
            tracing::warn!(cause = "the client left, or this server stops", "a backup ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use pinfold_store::Memory;
    use pinfold_store::dump::Reader;

    use super::*;

    #[test]
    fn what_is_written_for_the_owner_is_read_back_and_goes_with_the_offer() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(BackupAccess::read(directory.path()).unwrap(), None);
        let store = Store::new(Arc::new(Memory::new()));
        let offer = Backups::offer(store, "0.0.0.0:9090".parse().unwrap(), directory.path()).unwrap();
        let read = BackupAccess::read(directory.path()).unwrap().unwrap();
        assert_eq!(read, offer.access);
        assert_eq!(read.address, "127.0.0.1:9090".parse().unwrap());
        assert_eq!(fs::metadata(directory.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        drop(offer);
        assert_eq!(BackupAccess::read(directory.path()).unwrap(), None);
    }

    #[test]
    fn what_a_successor_wrote_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let offer = || {
            let store = Store::new(Arc::new(Memory::new()));
            Backups::offer(store, "127.0.0.1:9090".parse().unwrap(), directory.path()).unwrap()
        };
        let (first, second) = (offer(), offer());
        drop(first);
        assert_eq!(BackupAccess::read(directory.path()).unwrap(), Some(second.access.clone()));
    }

    #[tokio::test]
    async fn backups_go_one_after_the_other_and_the_turn_goes_with_the_answer() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(Arc::new(Memory::new()));
        let offer = Backups::offer(store, "127.0.0.1:1".parse().unwrap(), directory.path()).unwrap();
        let headers = HeaderMap::from_iter([(AUTHORIZATION, offer.access.authorization.parse().unwrap())]);
        let ask = || answer(&offer, &headers);
        let first = ask().await;
        assert_eq!((first.status(), ask().await.status()), (StatusCode::OK, StatusCode::CONFLICT));
        drop(first);
        let dump = axum::body::to_bytes(ask().await.into_body(), usize::MAX).await.unwrap();
        assert!(Reader::new(&dump[..]).read_to_end(|_| ()).is_ok());
        assert_eq!(ask().await.status(), StatusCode::OK);
    }

    #[test]
    fn only_the_secret_opens() {
        let access = BackupAccess::new("[::]:9090".parse().unwrap());
        assert_eq!(access.address, "[::1]:9090".parse().unwrap());
        let with = |text: &str| HeaderMap::from_iter([(AUTHORIZATION, text.parse().unwrap())]);
        assert!(access.is_in(&with(&access.authorization)));
        for wrong in ["", "Bearer ", &access.authorization[..70], &access.authorization.to_uppercase()] {
            assert!(!access.is_in(&with(wrong)), "{wrong}");
        }
        assert!(!access.is_in(&HeaderMap::new()));
        assert_ne!(BackupAccess::new(access.address).authorization, access.authorization);
    }
}
