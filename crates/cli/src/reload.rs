//! `pinfold reload`.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hyper::StatusCode;
use pinfold_server::{RELOADS_PATH, ReloadReport};
use rustix::process::{Pid, Signal, kill_process};

use crate::admin_plane::{self, AdminPlane};
use crate::failure::Failure;
use crate::output;

/// For the server to read its files. Certificates and keys may come from a slow disk.
const TIME_MAX: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// Has a server on this machine read its configuration again, and says what became of it
///
/// Sends SIGHUP to the server that answers on admin_listen, and asks there for the outcome. The exit code is 0 if the
/// configuration is followed; keys that need a restart are told on stderr. It is 1 if it was refused, with the reason;
/// then nothing was changed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold reload --config pinfold.toml
  pinfold reload --url http://127.0.0.1:9090")]
pub(crate) struct Arguments {
    #[command(flatten)]
    admin_plane: AdminPlane,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let address = arguments.admin_plane.address()?;
    let ReloadReport { refused, need_restart, .. } = admin_plane::block_on(reload(&address))?;
    if let Some(reason) = refused {
        return Err(Failure::new(format!("the configuration was refused, and nothing was changed: {reason}")));
    }
    if !need_restart.is_empty() {
        output::print_error(&format!("pinfold: warning: these keys need a restart: {}", need_restart.join(", ")));
    }
    output::print("reloaded\n")?;
    Ok(ExitCode::SUCCESS)
}

async fn reload(address: &str) -> Result<ReloadReport, Failure> {
    let before = report(address).await?;
    kill_process(process(address, before.pid)?, Signal::HUP)
        .map_err(|error| Failure::new(format!("cannot signal the process {}: {error}", before.pid)))?;
    let began = Instant::now();
    loop {
        let now = report(address).await?;
        // One that had begun before the signal may have read the files as they were.
        if now.ended > before.begun {
            return Ok(now);
        }
        if began.elapsed() > TIME_MAX {
            let seconds = TIME_MAX.as_secs();
            return Err(Failure::new(format!(
                "the server did not read its configuration within {seconds} s; it is starting or stopping, or a file \
                 does not answer"
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn report(address: &str) -> Result<ReloadReport, Failure> {
    let (status, body) = admin_plane::get(address, RELOADS_PATH).await?;
    let report = serde_json::from_slice(&body).ok().filter(|_| status == StatusCode::OK);
    report.ok_or_else(|| Failure::new(format!("{address} answers {status}, and not as an admin plane does")))
}

/// The server's process. SIGHUP ends most others, so one of that number must run the same program as a server, or be
/// the one that the service manager names: a server in a container tells a number that means another process outside
/// of it.
fn process(address: &str, pid: u32) -> Result<Pid, Failure> {
    let main_pid = std::env::var("MAINPID").ok();
    let is_server = is_main_process(main_pid.as_deref(), pid) || is_server(pid);
    let process = i32::try_from(pid).ok().and_then(Pid::from_raw).filter(|_| is_server);
    process.ok_or_else(|| {
        Failure::new(format!(
            "the server at {address} is not a process of this machine that can be seen here; run this where it runs, as its \
             user"
        ))
    })
}

/// Whether systemd names this process. With `PrivateUsers=` and `ProtectProc=` its own view of the process is all that
/// `ExecReload=` has.
fn is_main_process(main_pid: Option<&str>, pid: u32) -> bool {
    main_pid.and_then(|main_pid| main_pid.parse().ok()) == Some(pid)
}

fn is_server(pid: u32) -> bool {
    let name = |process: &str| fs::read(format!("/proc/{process}/comm")).ok();
    let same_program = name("self").is_some_and(|own| name(&pid.to_string()) == Some(own));
    same_program && fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| is_command_of_server(&line))
}

/// Whether a command line, as the system keeps it, starts a server that heeds SIGHUP.
fn is_command_of_server(line: &[u8]) -> bool {
    line.split(|byte| *byte == 0).nth(1) == Some(b"serve")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_the_service_manager_names_need_not_be_seen() {
        assert!(is_main_process(Some("4242"), 4242));
        for other in [None, Some(""), Some("4243"), Some("x")] {
            assert!(!is_main_process(other, 4242), "{other:?}");
        }
    }

    #[test]
    fn other_commands_of_the_program_are_not_signalled() {
        assert!(is_command_of_server(b"/usr/local/bin/pinfold\0serve\0--config\0serve.toml\0"));
        for other in ["pinfold\0backup\0serve\0", "pinfold\0", ""] {
            assert!(!is_command_of_server(other.as_bytes()), "{other:?}");
        }
    }
}
