//! Medians, spreads and the table.

use std::fmt::Write;

/// One line of the table: a scenario at a number of connections.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) connections: usize,
    pub(crate) per_second: Vec<f64>,
    pub(crate) echo_per_second: Vec<f64>,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) p999_us: u64,
    pub(crate) longest_us: u64,
    pub(crate) cpu_us_per_request: f64,
    pub(crate) rss_mib: f64,
    pub(crate) written_per_request: f64,
}

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

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{:.0} ({least:.0}–{most:.0})", median(values))
}

/// The table in Markdown.
pub(crate) fn markdown(lines: &[Line]) -> String {
    let mut text = String::from(
        "| scenario | connections | req/s, median (range) | × echo | p50 / p99 / p99.9 ms | longest ms | server CPU µs/req | RSS MiB | bytes written/req |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for line in lines {
        let ratios: Vec<f64> =
            line.per_second.iter().zip(&line.echo_per_second).map(|(ours, echo)| ours / echo).collect();
        let ms = |us: u64| us as f64 / 1000.0;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {:.2} / {:.2} / {:.2} | {:.1} | {:.1} | {:.0} | {:.0} |",
            line.name,
            line.connections,
            spread(&line.per_second),
            median(&ratios),
            ms(line.p50_us),
            ms(line.p99_us),
            ms(line.p999_us),
            ms(line.longest_us),
            line.cpu_us_per_request,
            line.rss_mib,
            line.written_per_request,
        );
    }
    text
}
