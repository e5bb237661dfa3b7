//! `docs/operate/monitor.md`, the dashboard and the alert rules name metrics that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pinfold_server::WebhookUrl;
use pinfold_server::config::{Secret, WebhookConfig};
use pinfold_store::Store;
use serde_json::Value;

use crate::postgres;
use crate::scrape::Scrape;
use crate::stores::{embedded, over_postgres};
use crate::support::{TestServer, config};
use crate::{IMPORT, MARK};

const BEGIN: &str = "<!-- metrics: begin, generated -->\n";
const END: &str = "<!-- metrics: end -->\n";

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../docs/operate", name].iter().collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// Types by metric, and which servers have it, as the page has them.
fn listed() -> BTreeMap<String, (String, String)> {
    let page = read("monitor.md");
    let (_, rest) = page.split_once(BEGIN).unwrap();
    let (table, _) = rest.split_once(END).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`']).to_owned()).collect();
        let part =
            ["With `[tls]`. ", "Embedded store. ", "Database. "].iter().find(|part| cells[3].starts_with(**part));
        (cells[0].clone(), (cells[1].clone(), part.copied().unwrap_or_default().to_owned()))
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

/// Those the page lists for a server that has these parts.
fn listed_for(parts: &[&str]) -> BTreeMap<String, String> {
    let of_parts = listed().into_iter().filter(|(_, (_, part))| part.is_empty() || parts.contains(&part.as_str()));
    of_parts.map(|(name, (kind, _))| (name, kind)).collect()
}

/// Every word of a text that looks like a metric of ours or of the process.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("pinfold_") || word.starts_with("process_")).map(str::to_owned).collect()
}

/// Names that no metric has, nor a part of a histogram.
fn unknown(text: &str) -> Vec<String> {
    let listed = listed();
    let is_part = |name: &str| {
        ["_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|part| name.strip_suffix(part))
            .any(|base| listed.get(base).is_some_and(|(kind, _)| kind == "histogram"))
    };
    named(text).into_iter().filter(|name| !listed.contains_key(name) && !is_part(name)).collect()
}

/// A server whose app has a webhook, which reaches no receiver.
async fn with_every_part(store: Store) -> TestServer {
    let mut config = config();
    let url = WebhookUrl::parse("http://127.0.0.1:1/hook").unwrap();
    config.apps[0].webhook = Some(WebhookConfig::new(url, Secret::new("geheim-token-for-tests").unwrap()));
    TestServer::over(&config, store).await
}

/// After a few calls.
async fn scrape(server: &TestServer) -> Scrape {
    for (command, body) in [IMPORT, MARK] {
        server.post(command, body).await;
    }
    Scrape::of(server).await
}

#[test]
fn page_dashboard_and_alert_rules_name_no_metric_that_is_not_listed() {
    for name in ["monitor.md", "grafana-dashboard.json", "alerts.yml"] {
        let text = read(name);
        assert!(named(&text).len() > 10, "{name} names hardly any");
        assert_eq!(unknown(&text), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn what_is_listed_for_the_embedded_store_is_told_by_a_server_over_it_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let server = with_every_part(embedded(directory.path())).await;
    assert_eq!(scrape(&server).await.types, listed_for(&["Embedded store. "]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
async fn what_is_listed_for_a_database_is_told_by_a_server_over_one_and_nothing_else() {
    let server = with_every_part(over_postgres(&postgres::shared().new_schema()).await).await;
    assert_eq!(scrape(&server).await.types, listed_for(&["Database. "]));
    server.stop().await;
}

/// The panels of a dashboard, those inside of rows too.
fn panels(of: &Value) -> Vec<&Value> {
    let here = of["panels"].as_array().into_iter().flatten();
    here.flat_map(|panel| std::iter::once(panel).chain(panels(panel))).collect()
}

#[test]
fn every_panel_of_the_dashboard_asks_for_something_of_ours_and_has_a_place_of_its_own() {
    let dashboard: Value = serde_json::from_str(&read("grafana-dashboard.json")).unwrap();
    let panels = panels(&dashboard);
    let (rows, graphs): (Vec<&Value>, Vec<&Value>) = panels.iter().copied().partition(|panel| panel["type"] == "row");
    assert!(rows.len() >= 5 && graphs.len() >= 20, "{} rows, {} graphs", rows.len(), graphs.len());
    for panel in &graphs {
        let asked: Vec<_> =
            panel["targets"].as_array().unwrap().iter().map(|it| it["expr"].as_str().unwrap()).collect();
        assert!(!asked.is_empty() && asked.iter().all(|expr| !named(expr).is_empty()), "{}", panel["title"]);
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", panel["title"]);
    }
    let places: BTreeSet<_> = panels.iter().map(|panel| panel["gridPos"].to_string()).collect();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!((places.len(), ids.len()), (panels.len(), panels.len()));
}

#[test]
fn every_alert_is_explained_in_the_page() {
    let (rules, page) = (read("alerts.yml"), read("monitor.md"));
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() >= 10, "{alerts:?}");
    for alert in alerts {
        assert!(page.contains(&format!("| `{alert}` |")), "{alert} is not explained");
    }
}
