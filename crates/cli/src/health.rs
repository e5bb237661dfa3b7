//! `pinfold health`.

use std::process::ExitCode;

use clap::Args;
use hyper::StatusCode;
use serde_json::Value;

use crate::admin_plane::{self, AdminPlane};
use crate::failure::Failure;
use crate::output;

/// Asks a server whether it is ready: 0 if it is, or else 1 and why not, within three seconds
///
/// Made for the health checks of containers, which need no other program then. Asks /readyz on the address that the
/// configuration names in admin_listen.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold health --config pinfold.toml
  pinfold health --url http://127.0.0.1:9090")]
pub(crate) struct Arguments {
    #[command(flatten)]
    admin_plane: AdminPlane,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let address = arguments.admin_plane.address()?;
    let (status, body) = admin_plane::block_on(admin_plane::get(&address, "/readyz"))?;
    read(&address, status, &body)?;
    output::print("ready\n")?;
    Ok(ExitCode::SUCCESS)
}

fn read(address: &str, status: StatusCode, body: &[u8]) -> Result<(), Failure> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    match (status, answer["ready"].as_bool()) {
        (StatusCode::OK, Some(true)) => Ok(()),
        (_, Some(false)) => {
            let [reason, detail] = ["reason", "detail"].map(|key| answer[key].as_str().unwrap_or("?"));
            Err(Failure::new(format!("{address} is not ready: {reason}: {detail}")))
        }
        _ => Err(Failure::new(format!("{address} answers {status}, and not as an admin plane does"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        assert!(read("here", StatusCode::OK, br#"{"ready":true}"#).is_ok());
        for (status, body) in [
            (StatusCode::OK, &b"ok\n"[..]),
            (StatusCode::SERVICE_UNAVAILABLE, br#"{"ready":true}"#),
            (StatusCode::OK, br#"{"ready":false}"#),
            (StatusCode::NOT_FOUND, b""),
        ] {
            assert!(read("here", status, body).is_err(), "{status} {body:?}");
        }
    }
}
