//! `pinfold migrate`.

use std::process::ExitCode;

use clap::Args;
use pinfold_server::migrate_store;
use tokio::runtime::Runtime;

use crate::config_file::ConfigFile;
use crate::failure::Failure;
use crate::output;

/// Creates or upgrades the tables of the database that the configuration names
///
/// All of it happens in one transaction, which only one process is in at a time. A database with tables of a newer
/// pinfold is refused. `pinfold serve` does the same at its start unless store.migrate = false.
#[derive(Args)]
#[command(after_help = "\
Examples:
  pinfold migrate --config pinfold.toml --dry-run
  PINFOLD_STORE__URL=postgres://owner@db.example/pinfold pinfold migrate --config pinfold.toml")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Print the statements that would be run, and run none
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = arguments.config.load()?.config.store;
    let migrations = Runtime::new()?.block_on(migrate_store(&store, arguments.dry_run))?;
    for migration in &migrations {
        let (number, name) = (migration.number, migration.name);
        if arguments.dry_run {
            output::print(&format!("-- migration {number}: {name}\n{}\n", migration.script()))?;
        } else {
            output::print(&format!("migration {number}: {name}\n"))?;
        }
    }
    if migrations.is_empty() {
        output::print("the database is up to date\n")?;
    }
    Ok(ExitCode::SUCCESS)
}
