//! `pinfold webhook`.

mod pause;
mod reach;
mod status;
mod test;
mod text;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use pinfold_server::config::AppConfig;

use crate::config_file::ConfigFile;
use crate::failure::Failure;

/// Tests, pauses and watches the requests that tell an app's backend of changes ([app.webhook])
///
/// A receiver that fails loses nothing: changes wait in the store, for at most app.history_days, and are sent in the order
/// of each account once it takes them again. Each change is sent at least once.
#[derive(Args)]
#[command(after_help = "\
When the backend does not hear of changes:
  pinfold webhook status --config pinfold.toml     is it down or paused, since when, and why
  pinfold webhook test --config pinfold.toml       does the receiver take a request that is sent from here
  pinfold webhook pause --config pinfold.toml      stop sending, to repair the backend; changes wait
  pinfold webhook resume --config pinfold.toml     send what waits, and go on")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Test(test::Arguments),
    Pause(pause::PauseArguments),
    Resume(pause::ResumeArguments),
    Status(status::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Test(arguments) => test::run(arguments),
        Command::Pause(arguments) => pause::pause(arguments),
        Command::Resume(arguments) => pause::resume(arguments),
        Command::Status(arguments) => status::run(arguments),
    }
}

/// What each of them takes.
#[derive(Args)]
struct Common {
    #[command(flatten)]
    config: ConfigFile,
    /// The app [default: the only one that has a webhook; status tells of all]
    #[arg(long, value_name = "SDKAPPID", value_parser = clap::value_parser!(u32).range(1..))]
    app: Option<u32>,
    /// Print JSON, an object a line
    #[arg(long)]
    json: bool,
}

impl Common {
    /// The app that is meant: the one that is named, or the only one with a webhook, or the only one.
    fn choose<'a>(&self, apps: &'a [AppConfig]) -> Result<&'a AppConfig, Failure> {
        let with_webhook: Vec<_> = apps.iter().filter(|app| app.webhook.is_some()).collect();
        match (self.app, &with_webhook[..], apps) {
            (Some(id), _, _) => apps
                .iter()
                .find(|app| app.sdkappid.0 == id)
                .ok_or_else(|| Failure::new(format!("the configuration has no app {id}, only {}", ids(apps)))),
            (None, [only], _) => Ok(*only),
            (None, [], [only]) => Ok(only),
            (None, [], _) => Err(Failure::new(format!("no app has a webhook; choose one by --app: {}", ids(apps)))),
            (None, _, _) => {
                Err(Failure::new(format!("several apps have a webhook; choose one by --app: {}", ids(with_webhook))))
            }
        }
    }
}

fn ids<'a>(apps: impl IntoIterator<Item = &'a AppConfig>) -> String {
    apps.into_iter().map(|app| app.sdkappid.0.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use pinfold_core::AppId;
    use pinfold_server::WebhookUrl;
    use pinfold_server::config::{Secret, WebhookConfig};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        common: Common,
    }

    /// The app that is chosen with these arguments, of apps by their number and whether they have a webhook.
    fn chosen(arguments: &[&str], apps: &[(u32, bool)]) -> Result<u32, String> {
        let line = Line::try_parse_from([&["pinfold"], arguments].concat()).unwrap();
        let (url, token) = (WebhookUrl::parse("http://h"), Secret::new("a-token-for-tests"));
        let webhook = WebhookConfig::new(url.unwrap(), token.unwrap());
        let app = |(id, has_webhook): &(u32, bool)| AppConfig {
            webhook: has_webhook.then(|| webhook.clone()),
            ..AppConfig::new(AppId(*id), Vec::new())
        };
        let apps: Vec<_> = apps.iter().map(app).collect();
        line.common.choose(&apps).map(|app| app.sdkappid.0).map_err(|failure| failure.sentence().to_owned())
    }

    #[test]
    fn the_only_app_with_a_webhook_need_not_be_named() {
        assert_eq!(chosen(&[], &[(1, false), (2, true), (3, false)]), Ok(2));
        assert_eq!(chosen(&[], &[(1, false)]), Ok(1));
    }

    #[test]
    fn an_app_is_chosen_by_its_number_whether_it_has_a_webhook_or_not() {
        assert_eq!(chosen(&["--app", "1"], &[(1, false), (2, true)]), Ok(1));
    }

    #[test]
    fn a_refusal_names_the_apps_that_may_be_meant() {
        let several = "several apps have a webhook; choose one by --app: 1, 3";
        assert_eq!(chosen(&[], &[(1, true), (2, false), (3, true)]), Err(several.to_owned()));
        let none = "no app has a webhook; choose one by --app: 1, 2";
        assert_eq!(chosen(&[], &[(1, false), (2, false)]), Err(none.to_owned()));
        assert_eq!(chosen(&["--app", "7"], &[(1, true)]), Err("the configuration has no app 7, only 1".to_owned()));
    }
}
