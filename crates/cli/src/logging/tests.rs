//! Events on their way to stderr.

use std::io::{self, BufRead as _, BufReader, Write};
use std::panic;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pinfold_server::TRACES_TARGET;
use pinfold_server::config::LogFormat;
use tracing::Subscriber as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, Registry};

use super::bounded::LINE_BYTES_MAX;
use super::layer::Lines;
use super::line::Style;
use super::queue::Queue;
use super::throttle::Throttle;
use super::writer;
use super::{filter, layers};

const TEXT: Style = Style { format: LogFormat::Text, colours: false, priorities: false };
const JSON: Style = Style { format: LogFormat::Json, ..TEXT };
const SOON: Duration = Duration::from_secs(60);
const AT_ONCE: Duration = Duration::from_millis(50);

/// The lines that are logged, and the line about those left out.
fn logged(style: Style, log: impl FnOnce()) -> (Vec<String>, String) {
    let (queue, throttle) = (Arc::new(Queue::new()), Arc::new(Throttle::new()));
    let lines = Lines::new(style, Arc::clone(&throttle), Arc::clone(&queue));
    tracing::subscriber::with_default(Registry::default().with(lines), log);
    let lines = queue.take(Instant::now()).lines;
    (lines.split_inclusive('\n').map(str::to_owned).collect(), throttle.next_period().unwrap_or_default())
}

fn line(style: Style, log: impl FnOnce()) -> String {
    let (lines, _) = logged(style, log);
    let [line] = &lines[..] else { panic!("not one line: {lines:?}") };
    line.clone()
}

#[test]
fn a_line_has_time_level_module_message_and_fields() {
    let line = line(TEXT, || tracing::warn!(number = 7, text = "a \"b\"", shown = %"c d", "it broke"));
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
    assert_eq!(rest, " WARN pinfold::logging::tests: it broke number=7 text=\"a \\\"b\\\"\" shown=c d\n");
}

#[test]
fn without_a_collector_the_span_of_a_call_is_never_made() {
    let span = || tracing::info_span!(target: TRACES_TARGET, "call").metadata().unwrap();
    let span = tracing::subscriber::with_default(Registry::default(), span);
    let lines = Lines::new(TEXT, Arc::new(Throttle::new()), Arc::new(Queue::new()));
    let layers = layers(lines.with_filter(filter("trace", "default").unwrap()), None);
    assert!(layers.register_callsite(span).is_never());
}

#[test]
fn what_a_peer_sends_cannot_end_a_line_or_steer_a_terminal() {
    let evil = "a\r\nb\u{1b}[2Jc\u{7}d\u{9b}e\u{202e}f\0";
    for style in [TEXT, JSON] {
        let line = line(style, || tracing::info!(shown = %evil, debugged = ?evil, text = evil, "{evil}"));
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        assert!(!line.trim_end().contains(char::is_control), "{line:?}");
    }
    assert!(line(TEXT, || tracing::info!("{evil}")).contains(r"a\r\nb\u{1b}[2Jc\u{7}d\u{9b}e\u{202e}f\0"));
}

#[test]
fn no_line_is_longer_than_its_bound_and_each_json_line_is_json() {
    for length in (0..1100).chain([300_000]) {
        for text in ["x", "\"", "\u{1}", "é", "😀"].map(|character| character.repeat(length)) {
            let log = || tracing::info!(number = 1_234_567, shown = %text, yes = true, text, size = 3, "{text:.600}");
            assert!(line(TEXT, log).len() <= LINE_BYTES_MAX);
            let line = line(JSON, log);
            assert!(line.len() <= LINE_BYTES_MAX, "{line}");
            let object: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            assert_eq!((&object["level"], &object["target"]), (&"INFO".into(), &"pinfold::logging::tests".into()));
        }
    }
    assert!(line(TEXT, || tracing::info!("{}", "x".repeat(2000))).ends_with("x…\n"));
}

#[test]
fn json_keeps_numbers_and_truth_values_as_such() {
    let line =
        line(JSON, || tracing::error!(code = 50_004, less = -1, is_open = false, kind = "timeout", "call failed"));
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(object["message"], "call failed");
    let fields = serde_json::json!({"code": 50_004, "less": -1, "is_open": false, "kind": "timeout"});
    assert_eq!(object["fields"], fields);
}

#[test]
fn a_panic_is_logged_like_anything_else() {
    let before = panic::take_hook();
    let line = line(TEXT, || {
        super::panics::log();
        let _ = panic::catch_unwind(|| panic!("out of {}", "luck"));
    });
    panic::set_hook(before);
    assert!(line.contains("ERROR pinfold::logging::panics: a thread panicked place=\"crates/cli/src"), "{line}");
    assert!(line.ends_with("cause=\"out of luck\"\n"), "{line}");
}

#[test]
fn for_the_journal_a_line_begins_with_its_priority() {
    for style in [TEXT, JSON].map(|style| Style { priorities: true, ..style }) {
        assert!(line(style, || tracing::error!("x")).starts_with("<3>"));
        assert!(line(style, || tracing::warn!("x")).starts_with("<4>"));
        assert!(line(style, || tracing::info!("x")).starts_with("<6>"));
        assert!(line(style, || tracing::debug!("x")).starts_with("<7>"));
        assert!(style.sentence("x").starts_with("<3>") && style.notice("x").starts_with("<4>"));
    }
}

#[test]
fn of_a_flood_a_few_lines_are_logged_and_the_others_counted() {
    let (lines, left_out) = logged(TEXT, || {
        for n in 0..1000 {
            tracing::warn!(n, "flood");
            tracing::debug!(n, "details");
        }
        tracing::warn!("something else");
    });
    let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!((count("flood"), count("details"), count("something else")), (10, 100, 1));
    assert!(left_out.starts_with("1890 log lines were left out"), "{left_out}");
    assert!(left_out.contains("WARN pinfold::logging::tests:") && left_out.contains(" 990"), "{left_out}");
    assert!(left_out.find("WARN") < left_out.find("DEBUG"), "{left_out}");
}

#[test]
fn a_flood_of_one_kind_does_not_hide_another_of_the_same_place() {
    let call = |kind: &str| tracing::warn!(kind, "call failed");
    let (lines, left_out) = logged(TEXT, || {
        (0..100).for_each(|_| call("timeout"));
        call("damaged");
    });
    assert!(lines.last().unwrap().contains("damaged"), "{lines:?}");
    assert!(left_out.contains("(timeout) 90"), "{left_out}");
}

#[test]
fn records_of_the_log_facade_are_limited_by_their_place_and_shown_under_their_module() {
    // As they arrive: one callsite for all, the place in fields.
    let record = |line: u64| {
        tracing::warn!(log.target = "fjall::journal", log.file = "journal.rs", log.line = line, "it tore");
    };
    let (lines, left_out) = logged(TEXT, || {
        (0..100).for_each(|_| record(1));
        record(2);
    });
    assert_eq!(lines.len(), 11);
    assert!(lines.last().unwrap().ends_with(" WARN fjall::journal: it tore\n"), "{lines:?}");
    assert!(left_out.ends_with("WARN fjall::journal:1 90"), "{left_out}");
}

#[test]
fn kinds_beyond_their_bound_share_the_lines_of_one() {
    let (lines, left_out) = logged(TEXT, || {
        (0..3000).for_each(|n| tracing::warn!(kind = format!("kind {n}").as_str(), "call failed"));
    });
    assert_eq!(lines.len(), 1024 + 10);
    assert!(left_out.contains("others"), "{left_out}");
}

#[test]
fn a_reader_that_stands_still_holds_nothing_up_and_learns_what_it_missed() {
    let (reader, to) = io::pipe().unwrap();
    let queue = Arc::new(Queue::new());
    writer::spawn(Arc::clone(&queue), Arc::new(Throttle::new()), TEXT, to).unwrap();
    let line = format!("{}\n", "x".repeat(999));
    let pushed = 5000;
    (0..pushed).for_each(|_| queue.push(&line));
    queue.flush(AT_ONCE);
    queue.end(AT_ONCE);
    let read = thread::spawn(move || {
        BufReader::new(reader).lines().map(Result::unwrap).take_while(|line| line != "end").collect::<Vec<_>>()
    });
    queue.flush(SOON);
    queue.push("end\n");
    let (lines, notices): (Vec<_>, Vec<_>) = read.join().unwrap().into_iter().partition(|line| line.starts_with('x'));
    let dropped = notices.iter().map(|notice| {
        let (_, said) = notice.split_once(" WARN pinfold::logging: ").unwrap();
        let (count, rest) = said.split_once(' ').unwrap();
        assert_eq!(rest, "log lines were dropped, since stderr did not take them in time");
        count.parse::<usize>().unwrap()
    });
    let dropped: usize = dropped.sum();
    assert!(dropped > 2500, "{dropped}");
    assert_eq!(lines.len() + dropped, pushed);
}

/// Fails so many times, then takes everything.
struct Failing(u32, io::ErrorKind, io::PipeWriter);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 > 0 {
            self.0 -= 1;
            return Err(self.1.into());
        }
        self.2.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The output of two lines, one pushed after the other, while the first writes fail.
fn after_failures(count: u32, kind: io::ErrorKind) -> Vec<String> {
    let (reader, to) = io::pipe().unwrap();
    let queue = Arc::new(Queue::new());
    writer::spawn(Arc::clone(&queue), Arc::new(Throttle::new()), TEXT, Failing(count, kind, to)).unwrap();
    for line in ["one\n", "two\n"] {
        queue.push(line);
        queue.flush(SOON);
    }
    BufReader::new(reader).lines().map(Result::unwrap).take(2).collect()
}

#[test]
fn lines_that_could_not_be_written_are_told_once_stderr_takes_lines_again() {
    let lines = after_failures(1, io::ErrorKind::StorageFull);
    assert_eq!(lines[0], "two");
    assert!(lines[1].contains("1 log lines were dropped"), "{lines:?}");
}

#[test]
fn a_pipe_that_does_not_wait_is_asked_again() {
    assert_eq!(after_failures(3, io::ErrorKind::WouldBlock), ["one", "two"]);
}
