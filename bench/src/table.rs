//! Medians, spreads and the tables in Markdown.

use std::fmt::Write;

use crate::case::{Case, Contender, Series};
use crate::store::Store;

/// The median.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// The median of the ratios of each round: what drifts from round to round cancels out.
pub(crate) fn median_ratio(of: &[f64], to: &[f64]) -> f64 {
    let ratios: Vec<_> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    median(&ratios)
}

/// The median and the range.
pub(crate) fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{:.0} ({least:.0}–{most:.0})", median(values))
}

fn name(case: &Case) -> String {
    format!("{:?} ({} items), {:?}", case.scenario, case.scenario.items(), case.transport)
}

/// One line while the run goes on.
pub(crate) fn brief(case: &Case) -> String {
    let rates: Vec<_> = case.series.iter().map(|series| format!("{:.0}/s", median(&series.per_second))).collect();
    format!("{} × {}: {}, echo {:.0}/s", name(case), case.connections, rates.join(", "), median(&case.echo))
}

/// All cases, a line for each contender.
pub(crate) fn cases(cases: &[Case], contenders: &[Contender]) -> String {
    let mut text = String::from(
        "| scenario | connections | accounts | req/s, median (range) | × echo | × webdis | × first: rate, CPU | p50 / p99 / p99.9 ms, corrected | longest ms | server CPU µs/req | RSS MiB | bytes written/req |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for case in cases {
        for (contender, series) in contenders.iter().zip(&case.series) {
            let _ = writeln!(text, "{}", line(case, contender, series));
        }
    }
    for case in cases {
        text += &beside(case);
    }
    text
}

/// The p99 of the first contender as a share of that of webdis, both corrected.
pub(crate) fn p99_of_webdis(case: &Case) -> Option<f64> {
    Some(case.series[0].times.ms_at(0.99) / case.webdis.as_ref()?.times.ms_at(0.99))
}

/// What stood beside a case: redis, webdis, the disk alone.
fn beside(case: &Case) -> String {
    let (name, connections, first) = (name(case), case.connections, &case.series[0]);
    let mut text = String::new();
    if !case.redis.is_empty() {
        let (rate, ratio) = (spread(&case.redis), median_ratio(&first.per_second, &case.redis));
        let _ =
            writeln!(text, "\nredis, synced, beside {name} × {connections}: {rate}/s; pinfold makes {ratio:.2} of it");
    }
    if let Some(webdis) = &case.webdis {
        let (rate, ratio) = (spread(&webdis.per_second), median_ratio(&first.per_second, &webdis.per_second));
        let (p99, ratio_of_p99) = (webdis.times.ms_at(0.99), p99_of_webdis(case).unwrap_or(0.0));
        let _ = writeln!(
            text,
            "\nwebdis over redis, synced, beside {name} × {connections}: {rate}/s, p99 {p99:.2} ms (corrected), longest \
             {:.1} ms; pinfold makes {ratio:.2} of its rate and {ratio_of_p99:.2} of its p99",
            webdis.times.longest_ms()
        );
    }
    if !case.floor_us.is_empty() {
        let (time, ratio) = (spread(&case.floor_us), median_ratio(&first.p50_us, &case.floor_us));
        let _ =
            writeln!(text, "\nappend and fdatasync beside {name} × 1: {time} µs; pinfold's p50 is {ratio:.2} of it");
    }
    text
}

fn line(case: &Case, contender: &Contender, series: &Series) -> String {
    let first = &case.series[0];
    let to_first = if std::ptr::eq(first, series) {
        "–".to_owned()
    } else {
        let rate = median_ratio(&series.per_second, &first.per_second);
        format!("{rate:.2}, {:.2}", median_ratio(&series.cpu_us, &first.cpu_us))
    };
    let to_webdis = match &case.webdis {
        Some(webdis) => format!("{:.2}", median_ratio(&series.per_second, &webdis.per_second)),
        None => "–".to_owned(),
    };
    format!(
        "| {} | {} | {}{}{} | {} | {:.2} | {to_webdis} | {to_first} | {:.2} / {:.2} / {:.2} | {:.1} | {:.1} | {:.0} | {:.0} |",
        name(case),
        case.connections,
        if contender.is_first_binary { "" } else { "beside: " },
        contender.size,
        contender.history,
        spread(&series.per_second),
        median_ratio(&series.per_second, &case.echo),
        series.times.ms_at(0.5),
        series.times.ms_at(0.99),
        series.times.ms_at(0.999),
        series.times.longest_ms(),
        median(&series.cpu_us),
        series.rss_mib,
        series.written_per_request(),
    )
}

/// What was seen of the stores beside the cases.
pub(crate) fn stores(stores: &[Store]) -> String {
    let mut text = String::from(
        "\n| store | loaded, accounts/s | RSS MiB idle, loaded, most | disk bytes/record loaded, stopped | MiB on disk | start s, after stop, after kill |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for store in stores {
        let facts = &store.facts;
        let _ = writeln!(
            text,
            "| {} accounts{}, {} | {:.0} | {:.1}, {:.0}, {:.0} | {:.0}, {:.0} | {} | {:.3}, {:.3} |",
            store.stored,
            store.history,
            store.binary.display(),
            facts.accounts_per_second,
            facts.idle_rss_mib,
            facts.loaded_rss_mib,
            facts.rss_mib,
            store.per_record(facts.loaded_disk_bytes),
            store.per_record(facts.disk_bytes),
            facts.disk_bytes >> 20,
            facts.start_after_stop_s,
            facts.start_after_kill_s,
        );
    }
    text
}
