//! From a path to a command, and from a command to its handler.

use futures_util::future::BoxFuture;
use pinfold_wire::callback;
use pinfold_wire::commands::{self, COMMANDS, Listed};
use pinfold_wire::pinfold::watch;
use pinfold_wire::{body, envelope};

use crate::handlers::{Call, Handle};
use crate::rest::error::Failure;

/// Reads the body, runs the handler, writes the answer.
type Run = for<'a> fn(Call<'a>) -> BoxFuture<'a, Result<Vec<u8>, Failure>>;

/// A command with its place in [`COMMANDS`].
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) place: usize,
    pub(crate) listed: Listed,
    /// See [`Handle::SENDS_MESSAGES`].
    pub(crate) sends_messages: bool,
    run: Run,
}

macro_rules! runs {
    ($($service:ident $name:literal $command:ident($($module:ident)::+), $rate:literal, $repeat:ident;)*) => {
        /// In the order of [`COMMANDS`].
        static RUNS: [(bool, Run); COMMANDS.len()] =
            [$((commands::$command::SENDS_MESSAGES, run::<commands::$command>)),*];
    };
}

pinfold_wire::commands!(runs);

fn run<'a, C: Handle>(call: Call<'a>) -> BoxFuture<'a, Result<Vec<u8>, Failure>>
where
    C::Request: Send,
{
    Box::pin(async move {
        let request = body::read_bounded::<C::Request>(call.body, call.elements_max())?;
        let call = call.about::<C>(&request)?;
        let named = C::items(&request);
        call.items.observe(named as f64);
        let response = C::handle(&call, request).await.map_err(|failure| failure.of_so_many(named))?;
        Ok(envelope::success(C::SERVICE, C::status(&response), &response))
    })
}

/// What the path of a request stands for.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    Command(Route),
    /// The stream of an account's changes, see [`watch`](super::watch).
    Watch,
    /// The hosted service tells of something, see [`callback`](super::callback).
    Callback,
}

impl Target {
    /// What a path stands for; `None` for one that is not known. Repeated slashes count as one.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let others = [(watch::PATH, Self::Watch), (callback::PATH, Self::Callback)];
        let other = || others.into_iter().find(|(known, _)| is_path(path, known)).map(|(_, target)| target);
        Route::find(path).map(Self::Command).or_else(other)
    }

    /// The name in metrics and traces.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Command(route) => route.listed.name,
            Self::Watch => watch::NAME,
            Self::Callback => "callback",
        }
    }
}

/// Whether a path is this one but for repeated slashes.
fn is_path(path: &str, known: &str) -> bool {
    let parts = path.split('/').filter(|part| !part.is_empty());
    path.starts_with('/') && !path.ends_with('/') && parts.eq(known.split('/').skip(1))
}

impl Route {
    /// The command of `/v4/<service>/<command>`; every other path is none. Repeated slashes count as one.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let (before, name) = path.strip_prefix('/')?.rsplit_once('/')?;
        let mut before = before.split('/').filter(|part| !part.is_empty());
        let (Some("v4"), Some(service), None) = (before.next(), before.next(), before.next()) else { return None };
        let named = |listed: &Listed| listed.name == name && listed.service.path() == service;
        let place = COMMANDS.iter().position(named)?;
        let (sends_messages, run) = RUNS[place];
        Some(Self { place, listed: COMMANDS[place], sends_messages, run })
    }

    pub(crate) fn run<'a>(&self, call: Call<'a>) -> BoxFuture<'a, Result<Vec<u8>, Failure>> {
        (self.run)(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_command_is_found_at_its_own_path() {
        for (place, listed) in COMMANDS.iter().enumerate() {
            let path = format!("/v4/{}/{}", listed.service.path(), listed.name);
            assert_eq!(Route::find(&path).unwrap().place, place);
        }
    }

    #[test]
    fn the_paths_of_watch_and_of_callbacks_are_known_exactly_but_for_repeated_slashes() {
        let is_watch = |path| matches!(Target::find(path), Some(Target::Watch));
        assert!(is_watch("/v4/pinfold/watch") && is_watch("//v4//pinfold///watch"));
        for path in ["/v4/pinfold/watch/", "/v4/recentcontact/watch", "/v4/pinfold/Watch", "/v3/pinfold/watch"] {
            assert!(Target::find(path).is_none(), "{path}");
        }
        let is_callback = |path| matches!(Target::find(path), Some(Target::Callback));
        assert!(is_callback("/v4/callback") && is_callback("//v4///callback"));
        for path in ["/v4/callback/", "/v3/callback", "/v4/Callback", "v4/callback", "/v4/callback/x", "/callback", ""]
        {
            assert!(Target::find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn repeated_slashes_count_as_one() {
        let place = Route::find("/v4/recentcontact/mark_contact").unwrap().place;
        for path in [
            "//v4/recentcontact/mark_contact",
            "/v4//recentcontact///mark_contact",
            "///v4/recentcontact//mark_contact",
        ] {
            assert_eq!(Route::find(path).map(|route| route.place), Some(place), "{path}");
        }
    }

    #[test]
    fn a_trailing_slash_another_version_and_another_case_are_other_paths() {
        for path in [
            "/v4/recentcontact/mark_contact/",
            "/v3/recentcontact/mark_contact",
            "/v4/RecentContact/mark_contact",
            "/v4/recentcontact/Mark_contact",
            "v4/recentcontact/mark_contact",
            "//v4/recentcontact/mark_contact//",
            "/v4/v4/recentcontact/mark_contact",
            "/v4/recentcontact",
            "/v4//mark_contact",
            "//",
            "",
            "/v4/im_open_login_svc/mark_contact",
            "/",
        ] {
            assert!(Route::find(path).is_none(), "{path}");
        }
    }
}
