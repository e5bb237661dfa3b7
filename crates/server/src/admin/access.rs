//! The file by which a command on this machine reaches the server that has its store open: the address of the admin plane
//! and a secret of this run, readable by the owner of the data directory.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use pinfold_store::small_file;
use sha2::{Digest as _, Sha256};

use crate::net::networks::reachable;

/// The file in the data directory.
pub(super) const FILE: &str = "backup-access";

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

    pub(super) fn new(bound: SocketAddr) -> Self {
        let secret = hex::encode(rand::random::<[u8; 32]>());
        Self { address: reachable(bound), authorization: format!("Bearer {secret}") }
    }

    pub(super) fn write(&self, directory: &Path) -> io::Result<PathBuf> {
        let path = directory.join(FILE);
        small_file::replace(&path, format!("{} {}\n", self.address, self.authorization).as_bytes(), 0o600)?;
        Ok(path)
    }

    /// Compares hashes, so that the time it takes reveals nothing of the secret.
    pub(super) fn is_in(&self, headers: &HeaderMap) -> bool {
        let brought = headers.get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        Sha256::digest(brought) == Sha256::digest(self.authorization.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
