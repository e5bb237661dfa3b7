//! The facts in a certificate: from when to when it is valid, and for what use.

use x509_cert::Certificate;
use x509_cert::der::oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_KP_SERVER_AUTH};
use x509_cert::der::{DateTime, Decode as _, Error};
use x509_cert::ext::pkix::ExtendedKeyUsage;

/// What is kept of a certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) not_before: DateTime,
    pub(crate) not_after: DateTime,
    /// Whether a caller may take it for a server's. A certificate that names no purpose is for all of them.
    pub(crate) is_for_servers: bool,
}

impl Facts {
    /// Reads a certificate in DER.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Error> {
        let certificate = Certificate::from_der(der)?.tbs_certificate;
        let purposes = certificate.get::<ExtendedKeyUsage>()?.map(|(_, ExtendedKeyUsage(purposes))| purposes);
        let serves = [ID_KP_SERVER_AUTH, ANY_EXTENDED_KEY_USAGE];
        Ok(Self {
            not_before: certificate.validity.not_before.to_date_time(),
            not_after: certificate.validity.not_after.to_date_time(),
            is_for_servers: purposes.is_none_or(|purposes| serves.iter().any(|served| purposes.contains(served))),
        })
    }
}

/// Unix seconds.
pub(crate) fn unix(time: DateTime) -> u64 {
    time.unix_duration().as_secs()
}
