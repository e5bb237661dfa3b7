//! The file by which a command on this machine reaches the server that has its store open: the address of the admin plane
//! and a secret of this run, readable by the owner of the data directory.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use pinfold_store::small_file;
use sha2::{Digest as _, Sha256};

use crate::net::networks::reachable;

/// The file in the data directory.
const FILE: &str = "backup-access";

/// The answer to a request that is not served.
pub(super) type Refused = (StatusCode, String);

/// What a command on a store that is served needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAccess {
    /// The admin plane, as it is reached from this machine.
    pub address: SocketAddr,
    /// The value of the header `Authorization`.
    pub authorization: String,
}

impl StoreAccess {
    /// Reads the file that the server of the store in this directory wrote; `None` without one.
    ///
    /// # Errors
    /// Those of the file system, and `InvalidData`.
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
        let secret = hex::encode(rand::random::<[u8; 32]>());
        Self { address: reachable(bound), authorization: format!("Bearer {secret}") }
    }

    /// Compares hashes, so that the time it takes reveals nothing of the secret.
    fn is_in(&self, headers: &HeaderMap) -> bool {
        let brought = headers.get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        Sha256::digest(brought) == Sha256::digest(self.authorization.as_bytes())
    }
}

/// The file of a server, until this is dropped.
pub(super) struct AccessFile {
    pub(super) access: StoreAccess,
    path: PathBuf,
}

impl AccessFile {
    /// Writes it, with a new secret.
    pub(super) fn write(bound: SocketAddr, directory: &Path) -> io::Result<Self> {
        let (access, path) = (StoreAccess::new(bound), directory.join(FILE));
        let text = format!("{} {}\n", access.address, access.authorization);
        small_file::replace(&path, text.as_bytes(), 0o600)?;
        Ok(Self { access, path })
    }

    /// Checks that a request has the secret.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let refused = || (StatusCode::FORBIDDEN, format!("the secret is in the file {FILE} of the data directory\n"));
        if self.access.is_in(headers) { Ok(()) } else { Err(refused()) }
    }
}

impl Drop for AccessFile {
    /// A successor may have written its own already: the store is closed before this ends.
    fn drop(&mut self) {
        let there = self.path.parent().map(StoreAccess::read);
        if matches!(there, Some(Ok(Some(there))) if there == self.access) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_written_for_the_owner_is_read_back_and_goes_with_the_server() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(StoreAccess::read(directory.path()).unwrap(), None);
        let file = AccessFile::write("0.0.0.0:9090".parse().unwrap(), directory.path()).unwrap();
        let read = StoreAccess::read(directory.path()).unwrap().unwrap();
        assert_eq!(read, file.access);
        assert_eq!(read.address, "127.0.0.1:9090".parse().unwrap());
        assert_eq!(fs::metadata(directory.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        drop(file);
        assert_eq!(StoreAccess::read(directory.path()).unwrap(), None);
    }

    #[test]
    fn what_a_successor_wrote_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let write = || AccessFile::write("127.0.0.1:9090".parse().unwrap(), directory.path()).unwrap();
        let (first, second) = (write(), write());
        drop(first);
        assert_eq!(StoreAccess::read(directory.path()).unwrap(), Some(second.access.clone()));
    }

    #[test]
    fn only_the_secret_opens() {
        let access = StoreAccess::new("[::]:9090".parse().unwrap());
        assert_eq!(access.address, "[::1]:9090".parse().unwrap());
        let with = |text: &str| HeaderMap::from_iter([(AUTHORIZATION, text.parse().unwrap())]);
        assert!(access.is_in(&with(&access.authorization)));
        for wrong in ["", "Bearer ", &access.authorization[..70], &access.authorization.to_uppercase()] {
            assert!(!access.is_in(&with(wrong)), "{wrong}");
        }
        assert!(!access.is_in(&HeaderMap::new()));
        assert_ne!(StoreAccess::new(access.address).authorization, access.authorization);
    }
}
