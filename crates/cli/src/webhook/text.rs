//! How a webhook stands, for people.

use std::fmt::Write as _;

use pinfold_server::{CourierReport, DownReport, FailingAccount, WAITING_MAX, WebhookReport};

use crate::data::counted;
use crate::dates::utc;

/// A text that can neither end the line nor move the cursor of a terminal.
pub(super) fn plain(text: &str) -> String {
    text.escape_debug().to_string()
}

/// A line about the app and others, indented, about what waits. `now` is in unix milliseconds; `lack` says why nothing is
/// told of a server.
pub(super) fn of_report(report: &WebhookReport, now: u64, lack: &str) -> String {
    let host = report.host.as_deref().map_or_else(|| "no webhook is configured".to_owned(), plain);
    let mut text = format!("app {}  {host}  {}\n", report.app, state(report, now));
    if let Some(DownReport { reason, next_ms, .. }) = report.server.as_ref().and_then(|server| server.down.as_ref()) {
        row(&mut text, "because", &plain(reason));
        row(&mut text, "next try", &until(*next_ms, now));
    }
    row(&mut text, "waiting", &waiting(report, now));
    match &report.server {
        Some(server) => of_server(&mut text, server, now),
        None => row(&mut text, "server", lack),
    }
    text
}

fn row(text: &mut String, name: &str, what: &str) {
    let _ = writeln!(text, "  {name:<8}  {what}");
}

fn state(report: &WebhookReport, now: u64) -> String {
    match &report.server {
        _ if report.paused => "paused".to_owned(),
        Some(CourierReport { down: Some(down), .. }) => format!("down since {}", since(down.since_ms, now)),
        Some(_) if report.host.is_some() => "sending".to_owned(),
        Some(_) | None => "not paused".to_owned(),
    }
}

fn waiting(report: &WebhookReport, now: u64) -> String {
    let Some(oldest) = report.oldest_ms else { return "nothing".to_owned() };
    let changes = match report.waiting {
        WAITING_MAX.. => format!("{WAITING_MAX} changes or more"),
        waiting => counted(waiting, "change"),
    };
    let accounts = counted(report.waiting_accounts, "account");
    format!("{changes} of {accounts}, the oldest since {}", since(oldest, now))
}

fn of_server(text: &mut String, server: &CourierReport, now: u64) {
    let CourierReport { sent, failed, given_up, failing, .. } = server;
    let given_up = counted(*given_up, "change");
    row(text, "so far", &format!("{} taken, {failed} failed, {given_up} without content", counted(*sent, "request")));
    for FailingAccount { account, attempts, reason, next_ms } in failing {
        let attempts = counted(u64::from(*attempts), "attempt");
        let next = until(*next_ms, now);
        row(text, "failing", &format!("{}: {attempts}, next {next}: {}", plain(account), plain(reason)));
    }
}

/// A time in the past.
fn since(then: u64, now: u64) -> String {
    let ((year, month, day), (hour, minute, second)) = utc(then / 1000);
    let length = length(now.saturating_sub(then));
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z ({length})")
}

/// A time in the future.
fn until(then: u64, now: u64) -> String {
    match then.saturating_sub(now) {
        0 => "now".to_owned(),
        ms => format!("in {}", length(ms)),
    }
}

/// So many milliseconds in the unit that people would choose.
fn length(ms: u64) -> String {
    match ms.div_ceil(1000) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_777_601_647_000;

    fn report() -> WebhookReport {
        WebhookReport {
            app: 7,
            host: Some("chat.example.com".to_owned()),
            paused: false,
            waiting: 0,
            waiting_accounts: 0,
            oldest_ms: None,
            server: Some(CourierReport { sent: 1, ..CourierReport::default() }),
        }
    }

    fn told(report: &WebhookReport) -> String {
        of_report(report, NOW, "no server runs here")
    }

    #[test]
    fn one_that_sends_says_so_and_what_was_taken() {
        let expected = "app 7  chat.example.com  sending\n  \
                        waiting   nothing\n  \
                        so far    1 request taken, 0 failed, 0 changes without content\n";
        assert_eq!(told(&report()), expected);
    }

    #[test]
    fn a_receiver_that_is_down_is_told_with_the_reason_the_next_attempt_and_what_waits() {
        let down = DownReport { since_ms: NOW - 46 * 60_000, reason: "no answer".to_owned(), next_ms: NOW + 20_100 };
        let server = CourierReport { down: Some(down), failed: 20, given_up: 1, ..CourierReport::default() };
        let oldest_ms = Some(NOW - 46 * 60_000);
        let report = WebhookReport { waiting: 1, waiting_accounts: 1, oldest_ms, server: Some(server), ..report() };
        let expected = "app 7  chat.example.com  down since 2026-05-01 01:28:07Z (46 min)\n  \
                        because   no answer\n  \
                        next try  in 21 s\n  \
                        waiting   1 change of 1 account, the oldest since 2026-05-01 01:28:07Z (46 min)\n  \
                        so far    0 requests taken, 20 failed, 1 change without content\n";
        assert_eq!(told(&report), expected);
    }

    #[test]
    fn a_paused_one_is_paused_whether_a_server_runs_or_not() {
        let paused = WebhookReport { paused: true, server: None, ..report() };
        let expected = "app 7  chat.example.com  paused\n  waiting   nothing\n  server    no server runs here\n";
        assert_eq!(told(&paused), expected);
        let served = WebhookReport { server: report().server, host: None, ..paused };
        assert!(told(&served).starts_with("app 7  no webhook is configured  paused\n"));
    }

    #[test]
    fn accounts_that_fail_are_listed_and_cannot_end_a_line() {
        let failing = FailingAccount {
            account: "a\nb".to_owned(),
            attempts: 4,
            reason: "it said\u{1b} no".to_owned(),
            next_ms: NOW - 1,
        };
        let server = CourierReport { failing: vec![failing], ..CourierReport::default() };
        let told = told(&WebhookReport { server: Some(server), ..report() });
        let line = "  failing   a\\nb: 4 attempts, next now: it said\\u{1b} no\n";
        assert!(told.ends_with(line), "{told}");
    }

    #[test]
    fn what_is_counted_to_the_bound_may_be_more() {
        let report = WebhookReport { waiting: WAITING_MAX, waiting_accounts: 9, oldest_ms: Some(NOW), ..report() };
        assert!(told(&report).contains("  waiting   100000 changes or more of 9 accounts, the oldest since "));
    }

    #[test]
    fn a_length_of_time_has_one_unit() {
        let lengths = [0, 1, 119_000, 120_000, 7_199_000, 7_200_000, 172_799_000, 172_800_000].map(length);
        assert_eq!(lengths, ["0 s", "1 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days"]);
    }
}
