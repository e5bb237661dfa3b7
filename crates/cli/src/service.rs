//! The service that is called, and who calls it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use pinfold_client::Settings;
use pinfold_server::config::Config;
use pinfold_server::reachable;
use pinfold_store::small_file;

use crate::failure::Failure;
use crate::identity::SignerArguments;

/// Arguments that say where the service is and who signs.
#[derive(Args)]
pub(crate) struct ServiceArguments {
    #[command(flatten)]
    signer: SignerArguments,
    /// The service [default: what the configuration listens on, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Certificates in PEM to trust besides those of the system: of an authority, or the server's own
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The certificate in PEM to present where the service asks for one, then those above it
    #[arg(long, value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// Its private key in PEM [default: the file of --client-cert holds it too]
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
}

impl ServiceArguments {
    /// Settings of a client with the usual bounds.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let identity = self.signer.identity()?;
        let url = self.url.clone().unwrap_or_else(|| url(identity.config.as_ref()));
        let mut settings = Settings::new(url, identity.sdkappid, identity.identifier, identity.key.expose());
        if let Some(file) = &self.ca_file {
            settings.extra_roots_pem = read("certificates", file)?;
        }
        if let Some(file) = &self.client_cert {
            let mut pem = read("client certificate", file)?;
            if let Some(file) = &self.client_key {
                pem.push(b'\n');
                pem.extend(read("key of the client certificate", file)?);
            }
            settings.client_certificate_pem = Some(pem);
        }
        Ok(settings)
    }
}

fn read(what: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    small_file::read(file).map_err(|error| Failure::new(format!("cannot read the {what} {}: {error}", file.display())))
}

/// Where a server with this configuration is found from its own machine.
fn url(config: Option<&Config>) -> String {
    let address = config.and_then(|config| config.listen.first().copied());
    let address = address.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
    base_url(config.is_some_and(|config| config.tls.is_some()), address)
}

/// The base URL of an address of this machine's.
pub(crate) fn base_url(tls: bool, address: SocketAddr) -> String {
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", reachable(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_the_scheme_and_an_address_that_can_be_called() {
        assert_eq!(base_url(false, "0.0.0.0:8080".parse().unwrap()), "http://127.0.0.1:8080");
        assert_eq!(base_url(true, "[::]:8443".parse().unwrap()), "https://[::1]:8443");
        assert_eq!(base_url(false, "192.0.2.1:80".parse().unwrap()), "http://192.0.2.1:80");
    }
}
