//! `pinfold drop-app`.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use pinfold_core::AppId;
use pinfold_server::config::{StoreConfig, StoreUrl};
use pinfold_store::{RemovedOfApp, Store, count_app, drop_app};

use super::progress::Progress;
use super::{check_there, counted, load, with_store};
use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Removes all that is kept for an app that the configuration does not have any more, for good
///
/// Accounts with their conversation groups, marks, pins and recent conversations, the registers of accounts and chat
/// groups, and the times of messages in chat groups. A server that uses an embedded store must be stopped first; over a
/// database no server may have the app any more. It can be interrupted, and goes on when it is run again. Make a backup
/// before.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold drop-app --config pinfold.toml --dry-run 1400000002
  pinfold drop-app --config pinfold.toml --yes 1400000002")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask on the terminal
    #[arg(long)]
    yes: bool,
    /// Say how far it is although stderr is not a terminal
    #[arg(long)]
    progress: bool,
    /// The app's sdkappid
    #[arg(value_name = "APP", value_parser = clap::value_parser!(u32).range(1..))]
    app: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (config, app) = (load(&arguments.config)?.config, AppId(arguments.app));
    if config.apps.iter().any(|configured| configured.sdkappid == app) {
        return Err(Failure::new(format!(
            "app {} is in the configuration; remove it there, and from every server of this store, first",
            app.0
        )));
    }
    if let StoreUrl::File(directory) = &config.store.url {
        check_there(directory)?;
    }
    // Removing makes no tables, and upgrades none under servers that run.
    let store = StoreConfig { migrate: false, ..config.store };
    with_store(&store, async |store: &Store| dropped(store, app, arguments).await)?;
    Ok(ExitCode::SUCCESS)
}

async fn dropped(store: &Store, app: AppId, arguments: &Arguments) -> Result<(), Failure> {
    let mut told = Progress::begin("counting", None, arguments.progress);
    let counted = count_app(store.backend(), app, |counted| told.tell(sum(counted), sum(counted))).await;
    told.end();
    let Some(kept) = counted? else {
        return Ok(output::print(&format!("nothing is kept for app {}\n", app.0))?);
    };
    if arguments.dry_run {
        return Ok(output::print(&format!("{} of app {} would be removed\n", whole(&kept), app.0))?);
    }
    if !arguments.yes {
        confirm(&kept, app)?;
    }
    let (removed, seconds) = remove(store, app, &kept, arguments.progress).await?;
    output::print_error(&format!("removed {} of app {} in {seconds:.1} s", whole(&removed), app.0));
    Ok(())
}

/// Removes, and says in a failure how far it came.
async fn remove(
    store: &Store,
    app: AppId,
    kept: &RemovedOfApp,
    progress: bool,
) -> Result<(RemovedOfApp, f64), Failure> {
    let began = Instant::now();
    let (mut told, mut last) = (Progress::begin("removing", Some(sum(kept)), progress), RemovedOfApp::default());
    let ended = drop_app(store.backend(), app, |removed| {
        last = *removed;
        told.tell(sum(removed), sum(removed));
    })
    .await;
    told.end();
    match ended {
        Ok(removed) => Ok((removed, began.elapsed().as_secs_f64())),
        Err(error) => Err(Failure::new(format!("{error}; {} were removed, run it again for the rest", summary(&last)))),
    }
}

/// Asks for the app's number on the terminal.
fn confirm(kept: &RemovedOfApp, app: AppId) -> Result<(), Failure> {
    let refused = |why: &str| Failure::new(format!("{} of app {} are left: {why}", whole(kept), app.0));
    if !io::stdin().is_terminal() {
        return Err(refused("stdin is not a terminal to ask on; add --yes"));
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "{} of app {} will be removed for good. Its number to go on: ", whole(kept), app.0)?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == app.0.to_string() { Ok(()) } else { Err(refused("its number was not given")) }
}

fn sum(of_app: &RemovedOfApp) -> u64 {
    of_app.accounts + of_app.chat_groups
}

/// All that is kept, or was removed, in words.
fn whole(of_app: &RemovedOfApp) -> String {
    match sum(of_app) {
        0 => "only times of messages".into(),
        _ => summary(of_app),
    }
}

fn summary(of_app: &RemovedOfApp) -> String {
    format!("{} and {}", counted(of_app.accounts, "account"), counted(of_app.chat_groups, "chat group"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_is_named_where_nothing_else_is_kept() {
        let some = RemovedOfApp { accounts: 1, ..RemovedOfApp::default() };
        assert_eq!(whole(&some), "1 account and 0 chat groups");
        assert_eq!(whole(&RemovedOfApp::default()), "only times of messages");
    }
}
