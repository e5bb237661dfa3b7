//! A page of Prometheus' text format, read.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::TestServer;

/// One scrape of a server.
pub(crate) struct Scrape {
    pub(crate) text: String,
    /// Types by metric.
    pub(crate) types: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Scrape {
    pub(crate) async fn of(server: &TestServer) -> Self {
        Self::read(&server.metrics.text().await)
    }

    pub(crate) fn read(text: &str) -> Self {
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
        let types = types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect();
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(sample).collect();
        Self { text: text.to_owned(), types, samples }
    }

    /// The sum of all samples of this name that have these labels, and perhaps more; 0 if there are none.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.of_name(name, labels).map(|sample| sample.value).sum()
    }

    /// How many there are.
    pub(crate) fn series(&self, name: &str, labels: &[(&str, &str)]) -> usize {
        self.of_name(name, labels).count()
    }

    /// The values of a label.
    pub(crate) fn values<'a>(&'a self, name: &'a str, label: &str) -> BTreeSet<&'a str> {
        self.of_name(name, &[]).map(|sample| sample.labels[label].as_str()).collect()
    }

    fn of_name<'a>(&'a self, name: &'a str, labels: &'a [(&str, &str)]) -> impl Iterator<Item = &'a Sample> {
        let has =
            |sample: &Sample, (label, value): &(&str, &str)| sample.labels.get(*label).is_some_and(|it| it == value);
        self.samples.iter().filter(move |sample| sample.name == name && labels.iter().all(|label| has(sample, label)))
    }
}

/// `name{label="value",…} 1.5`; no value of ours has a quote or a comma.
fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let pairs = labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (label, value) = pair.split_once('=').unwrap_or_else(|| panic!("{line}"));
        (label.to_owned(), value.trim_matches('"').to_owned())
    };
    Sample { name: name.to_owned(), labels: pairs.map(pair).collect(), value: value.parse().unwrap() }
}
