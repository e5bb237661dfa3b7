//! An authority for one test, and what it signs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pinfold_server::config::TlsConfig;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use tempfile::TempDir;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Names that every certificate here is for.
pub(crate) const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The certificate chain of a caller, and its private key.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// An authority with a directory for its files.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    place: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, place: tempfile::tempdir().unwrap() }
    }

    /// The root for clients that trust it.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        roots
    }

    /// Its certificate in a file.
    pub(crate) fn file(&self) -> PathBuf {
        self.write("authority.pem", &self.issuer.pem())
    }

    /// A certificate for a caller, and its key.
    pub(crate) fn caller(&self) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::from(key))
    }

    fn sign(&self, key: &KeyPair) -> Certificate {
        CertificateParams::new(NAMES.map(String::from)).unwrap().signed_by(key, &self.issuer).unwrap()
    }

    /// Writes a file; its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.place.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A path where nothing is.
    pub(crate) fn nothing(&self) -> PathBuf {
        self.place.path().join("nothing.pem")
    }

    /// A certificate for this key, which is stored as this PEM text.
    pub(crate) fn certify(&self, key: &KeyPair, pem: &str) -> TlsConfig {
        let cert_file = self.write("server.pem", &self.sign(key).pem());
        TlsConfig { cert_file, key_file: self.write("server-key.pem", pem), client_ca_file: None }
    }

    /// A certificate and its key.
    pub(crate) fn pair(&self) -> TlsConfig {
        let key = KeyPair::generate().unwrap();
        self.certify(&key, &key.serialize_pem())
    }

    /// Runs `openssl` in the directory; what it prints, or `None` where it is not installed.
    pub(crate) fn openssl(&self, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("openssl");
        let command = command.args(arguments).current_dir(self.place.path()).stderr(Stdio::null());
        let Ok(output) = command.output() else {
            println!("skipped: openssl is not installed");
            return None;
        };
        assert!(output.status.success(), "openssl {arguments:?}");
        Some(String::from_utf8(output.stdout).unwrap())
    }
}

/// How a path is written in a message.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
