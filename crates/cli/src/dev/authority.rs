//! A certificate for this machine's loopback, and a small authority that signs it.
//!
//! ```text
//! authority.pem   the authority's key and certificate, private
//! ca.pem          the authority's certificate alone, to be trusted
//! server.pem      the server's key, its certificate and the authority's, private
//! ```
//! A certificate and its key are in one file, which is whole or absent. So a crash between two files leaves
//! nothing that does not fit, and `ca.pem` is made from `authority.pem` at every start.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pinfold_server::config::TlsConfig;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};

use super::files::{self, PRIVATE, PUBLIC};
use crate::failure::Failure;

/// The certificate to be trusted.
pub(super) const CA_FILE: &str = "ca.pem";

const NAME: &str = "localhost";
const IPS: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Ten years, so that a developer trusts the authority once.
const AUTHORITY_DAYS: u32 = 3650;
/// Browsers refuse certificates of more than 397 days; the day before the making counts too.
const CERTIFICATE_DAYS: u32 = 396;
/// An authority is made anew when its certificates could outlive it, a certificate a month before its end.
const AUTHORITY_LEFT_DAYS: u32 = 400;
const CERTIFICATE_LEFT_DAYS: u32 = 30;

/// The first line of a file that expires: when it is to be made anew. What stands before a PEM block is a comment.
const RENEW_AFTER: &str = "Made by pinfold dev. Made anew after unix second ";
const MARK: &str = "-----BEGIN CERTIFICATE-----";

/// The server's certificate in this directory. What is missing or expires soon is made.
pub(super) fn certificate(directory: &Path) -> Result<TlsConfig, Failure> {
    files::own_directory(directory)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let authority = kept_or_made(&directory.join("authority.pem"), now, |_| true, || make_authority(now))?;
    let certificate = &authority[authority.find(MARK).unwrap_or(authority.len())..];
    files::write(&directory.join(CA_FILE), certificate, PUBLIC)?;
    let server_file = directory.join("server.pem");
    let fits = |server: &str| server.ends_with(certificate);
    kept_or_made(&server_file, now, fits, || make_server(&authority, certificate, now))?;
    Ok(TlsConfig { cert_file: server_file.clone(), key_file: server_file, client_ca_file: None })
}

/// The text of a file, if it fits and does not expire soon, or else of the one that is made for it.
fn kept_or_made(
    path: &Path,
    now: Duration,
    fits: impl Fn(&str) -> bool,
    make: impl FnOnce() -> Result<String, rcgen::Error>,
) -> Result<String, Failure> {
    // A file that is not text, or that another user may have written, is replaced too.
    let kept = files::read(path).unwrap_or_default();
    if let Some(text) = kept.filter(|text| is_young(text, now) && text.contains(MARK) && fits(text)) {
        return Ok(text);
    }
    let text = make()?;
    files::write(path, &text, PRIVATE)?;
    Ok(text)
}

fn is_young(text: &str, now: Duration) -> bool {
    let renew = text.lines().next().and_then(|line| line.strip_prefix(RENEW_AFTER));
    renew.and_then(|second| second.parse().ok()).is_some_and(|second: u64| now.as_secs() <= second)
}

fn make_authority(now: Duration) -> Result<String, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = authority_params();
    set_validity(&mut params, now, AUTHORITY_DAYS);
    let certificate = params.self_signed(&key)?;
    Ok(renewed_after(now, AUTHORITY_DAYS - AUTHORITY_LEFT_DAYS) + &key.serialize_pem() + &certificate.pem())
}

/// The authority may vouch for loopback only: a stolen key is of no use elsewhere.
fn authority_params() -> CertificateParams {
    let names = [GeneralSubtree::DnsName(NAME.to_owned())];
    let ips =
        IPS.map(|ip| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(ip, if ip.is_ipv4() { 32 } else { 128 })));
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "pinfold dev authority for localhost");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted_subtrees = names.into_iter().chain(ips).collect();
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    params
}

fn make_server(authority: &str, authority_certificate: &str, now: Duration) -> Result<String, rcgen::Error> {
    let issuer = Issuer::new(authority_params(), KeyPair::from_pem(authority)?);
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::DnsName(NAME.try_into()?)];
    params.subject_alt_names.extend(IPS.map(SanType::IpAddress));
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params, now, CERTIFICATE_DAYS);
    let certificate = params.signed_by(&key, &issuer)?;
    let head = renewed_after(now, CERTIFICATE_DAYS - CERTIFICATE_LEFT_DAYS);
    Ok(head + &key.serialize_pem() + &certificate.pem() + authority_certificate)
}

/// From a day ago, for clocks that are behind.
fn set_validity(params: &mut CertificateParams, now: Duration, days: u32) {
    let today = rcgen::date_time_ymd(1970, 1, 1) + now;
    params.not_before = today - DAY;
    params.not_after = today + DAY * days;
}

fn renewed_after(now: Duration, days: u32) -> String {
    format!("{RENEW_AFTER}{}\n", (now + DAY * days).as_secs())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Files {
        place: tempfile::TempDir,
    }

    impl Files {
        fn made() -> Self {
            let files = Self { place: crate::dev::private_directory() };
            files.start();
            files
        }

        fn start(&self) {
            let tls = certificate(self.place.path()).unwrap();
            assert_eq!(pinfold_server::check_tls(&tls, &pinfold_server::system_clock()).unwrap(), []);
            assert!(self.read("server.pem").ends_with(&self.read(CA_FILE)));
            assert!(self.read("authority.pem").ends_with(&self.read(CA_FILE)));
        }

        fn read(&self, name: &str) -> String {
            fs::read_to_string(self.place.path().join(name)).unwrap()
        }

        /// As if this much time had passed.
        fn age(&self, name: &str, days: u32) {
            let text = self.read(name);
            let (head, rest) = text.split_once('\n').unwrap();
            let second: u64 = head.strip_prefix(RENEW_AFTER).unwrap().parse().unwrap();
            let earlier = second - (DAY * days).as_secs();
            fs::write(self.place.path().join(name), format!("{RENEW_AFTER}{earlier}\n{rest}")).unwrap();
        }
    }

    #[test]
    fn a_second_start_changes_nothing() {
        let files = Files::made();
        let before = ["authority.pem", "server.pem"].map(|name| files.read(name));
        files.start();
        assert_eq!(["authority.pem", "server.pem"].map(|name| files.read(name)), before);
    }

    #[test]
    fn a_certificate_is_made_anew_before_it_expires_and_the_authority_stays() {
        let files = Files::made();
        let (authority, server) = (files.read("authority.pem"), files.read("server.pem"));
        files.age("server.pem", 360);
        assert_eq!(
            files.read("server.pem").lines().skip(1).collect::<Vec<_>>(),
            server.lines().skip(1).collect::<Vec<_>>()
        );
        files.start();
        assert!(files.read("server.pem").lines().nth(2) == server.lines().nth(2));
        files.age("server.pem", 367);
        files.start();
        assert!(files.read("server.pem").lines().nth(2) != server.lines().nth(2));
        assert_eq!(files.read("authority.pem"), authority);
    }

    #[test]
    fn a_new_authority_makes_a_new_certificate() {
        let files = Files::made();
        let server = files.read("server.pem");
        files.age("authority.pem", 3251);
        files.start();
        assert_ne!(files.read("server.pem"), server);
    }

    /// Each file may be missing, empty or cut after a crash, or be that of another authority.
    #[test]
    fn whatever_a_crash_left_the_next_start_works() {
        let other = Files::made();
        for name in ["authority.pem", CA_FILE, "server.pem"] {
            let files = Files::made();
            let path = files.place.path().join(name);
            fs::remove_file(&path).unwrap();
            files.start();
            fs::write(&path, "").unwrap();
            files.start();
            fs::write(&path, other.read(name)).unwrap();
            files.start();
            fs::write(files.place.path().join(format!("{name}.new")), "half").unwrap();
            files.start();
        }
    }
}
