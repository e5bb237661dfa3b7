//! The binary over PostgreSQL: its start, its tables, and the sentences when something is wrong with either.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::postgres;
use crate::support::{KEY, TIMEOUT, Workspace, http, run};

const MARK: &str = r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"confidant"},"SetMark":[0],"CustomMark":"hush-hush"}]}"#;
const GET: &str = r#"{"From_Account":"alice"}"#;

/// A workspace over this database, with a line more at the top.
fn workspace(url: &str, more: &str) -> Workspace {
    Workspace::with_app(&format!("store.url = \"{url}\"\n{more}"), "accounts = \"any\"")
}

/// The sentence of a command that is refused.
fn refusal(command: Command) -> String {
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let last = stderr.lines().last().unwrap_or_default();
    last.strip_prefix("pinfold: ").unwrap_or_else(|| panic!("no sentence:\n{stderr}")).to_owned()
}

fn printed(command: Command) -> String {
    let output = run(command);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A role of the test's own, and its URL in the schema that it is given.
fn role(name: &str, url: &str) -> String {
    let name = format!("{name}_{}", std::process::id());
    postgres::shared().psql(&format!("CREATE ROLE {name} LOGIN"));
    postgres::shared().as_user(url, &name)
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn two_servers_over_one_database_see_the_same_account() {
    let workspace = workspace(&postgres::shared().new_schema(), "");
    let (first, second) = (workspace.serve(), workspace.serve());
    assert!(first.log().contains("migrated the database") && !second.log().contains("migrated"), "{}", second.log());
    assert_eq!(http::code(&http::post(first.rest, "recentcontact/mark_contact", MARK)), 0);
    let found = http::post(second.rest, "recentcontact/get_contact_group", GET);
    assert!(found.contains("hush-hush"), "{found}");
    assert_eq!(http::get(second.admin.unwrap(), "/readyz").0, 200);
    first.stop();
    second.stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_call_that_imports_many_accounts_takes_few_connections_and_waits_for_them() {
    let url = postgres::shared().new_schema();
    let schema = url.rsplit("%3D").next().unwrap();
    let many = |from: u32| {
        let accounts: Vec<_> = (from..from + 60).map(|n| format!("\"account {n}\"")).collect();
        format!(r#"{{"Accounts":[{}]}}"#, accounts.join(","))
    };
    for (name, allowed) in [("roomy", 50), ("narrow", 2)] {
        let as_role = role(name, &url);
        let name = format!("{name}_{}", std::process::id());
        postgres::shared().psql(&format!("ALTER ROLE {name} CONNECTION LIMIT {allowed}"));
        postgres::shared().psql(&format!("GRANT ALL ON SCHEMA {schema} TO PUBLIC"));
        let server = workspace(&as_role, "").serve();
        postgres::shared().psql(&format!("GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO PUBLIC"));
        let imported = http::post(server.rest, "im_open_login_svc/multiaccount_import", &many(allowed * 100));
        assert_eq!(http::code(&imported), 0, "{name}: {imported}");
        let open = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{name}'");
        let open: u32 = postgres::shared().psql(&open).parse().unwrap();
        assert!((1..=4).contains(&open), "{name}: {open} connections");
        server.stop();
    }
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_server_whose_database_is_away_is_alive_and_not_ready() {
    let database = postgres::Server::start(&[]);
    let workspace = workspace(&database.new_schema(), "");
    let server = workspace.serve();
    let admin = server.admin.unwrap();
    assert_eq!(http::get(admin, "/readyz").0, 200);
    database.stop();
    let (status, said) = http::get(admin, "/readyz");
    assert_eq!(status, 503);
    assert!(said.starts_with(r#"{"ready":false,"reason":"store_unreachable","detail":"#), "{said}");
    assert_eq!(http::get(admin, "/healthz").0, 200);
    server.stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn nothing_of_a_body_and_no_password_is_logged_at_any_level() {
    let (server, name) = (postgres::shared(), format!("secretive_{}", std::process::id()));
    server.psql(&format!("CREATE ROLE {name} LOGIN SUPERUSER PASSWORD 'sesame'"));
    let url = server.as_user(&server.new_schema(), &format!("{name}:sesame"));
    let workspace = workspace(&url, "log = \"trace,tokio_postgres=trace\"");
    let server = workspace.serve();
    assert_eq!(http::code(&http::post(server.rest, "recentcontact/mark_contact", MARK)), 0);
    server.signal("TERM");
    let (_, log) = server.wait();
    for secret in ["hush-hush", "confidant", "sesame", KEY] {
        assert_eq!(log.lines().find(|line| line.contains(secret)), None, "{secret}");
    }
    assert!(!printed(workspace.command("check-config")).contains("sesame"));
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn tables_are_made_by_migrate_where_a_start_may_not() {
    let workspace = workspace(&postgres::shared().new_schema(), "store.migrate = false");
    let sentence = refusal(workspace.command("serve"));
    assert!(
        sentence.contains("has schema 0, this build needs") && sentence.contains("`pinfold migrate`"),
        "{sentence}"
    );
    let mut dry = workspace.command("migrate");
    dry.arg("--dry-run");
    assert!(printed(dry).contains("CREATE TABLE pinfold_accounts"));
    assert!(refusal(workspace.command("serve")).contains("has schema 0"), "a dry run changes nothing");
    assert!(printed(workspace.command("migrate")).starts_with("migration 1: "));
    assert_eq!(printed(workspace.command("migrate")), "the database is up to date\n");
    workspace.serve().stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn tables_of_a_newer_build_are_refused() {
    let url = postgres::shared().new_schema();
    let workspace = workspace(&url, "");
    printed(workspace.command("migrate"));
    let schema = url.rsplit("%3D").next().unwrap();
    postgres::shared().psql(&format!("INSERT INTO {schema}.pinfold_migrations VALUES (999, 'of tomorrow')"));
    for command in ["serve", "migrate"] {
        let sentence = refusal(workspace.command(command));
        assert!(sentence.contains("has schema 999; this build knows up to"), "{sentence}");
    }
}

#[test]
#[cfg_attr(no_own_postgres, ignore = "its server must ask for passwords, so PostgreSQL must be installed here")]
fn a_wrong_password_is_told_without_repeating_it() {
    let server = postgres::Server::start(&["-c", "fsync=off"]);
    let url = server.as_user(&server.new_schema(), "locked:sesame");
    server.psql("CREATE ROLE locked LOGIN PASSWORD 'geheim'");
    let sentence = refusal(workspace(&url, "").command("serve"));
    assert!(sentence.contains("refuses the user \"locked\"") && sentence.contains("password"), "{sentence}");
    assert!(!sentence.contains("sesame"), "{sentence}");
    let without = refusal(workspace(&url.replace(":sesame", ""), "").command("serve"));
    assert!(without.contains("refuses the user \"locked\""), "{without}");
}

#[test]
#[cfg_attr(no_own_postgres, ignore = "its server must ask for passwords, so PostgreSQL must be installed here")]
fn the_password_is_read_again_for_new_connections() {
    let database = postgres::Server::start(&["-c", "fsync=off"]);
    database.psql("CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'before'");
    let url = database.as_user(&database.new_schema(), "locked");
    let workspace = workspace(&url, "store.password_file = \"password\"");
    std::fs::write(workspace.path("password"), "before\n").unwrap();
    let server = workspace.serve();
    let ready = || http::get(server.admin.unwrap(), "/readyz").0;
    database.psql("ALTER ROLE locked PASSWORD 'after'");
    database.crash_and_start();
    assert_eq!(ready(), 503, "new connections have the old password");
    std::fs::write(workspace.path("password"), "after\n").unwrap();
    server.signal("HUP");
    server.await_log("the configuration was read again");
    assert!(!server.log().contains("need a restart"), "{}", server.log());
    assert_eq!(ready(), 200);
    server.stop();
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_database_that_does_not_exist_is_named() {
    let url = postgres::shared().in_database(&postgres::shared().new_schema(), "nowhere");
    let sentence = refusal(workspace(&url, "").command("serve"));
    assert!(sentence.starts_with("the database \"nowhere\" does not exist"), "{sentence}");
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_user_who_may_not_create_or_read_tables_or_commit_is_told_so() {
    let url = postgres::shared().new_schema();
    let stranger = workspace(&role("stranger", &url), "");
    let sentence = refusal(stranger.command("serve"));
    assert!(sentence.contains("may not do what pinfold needs"), "{sentence}");
    printed(workspace(&url, "").command("migrate"));
    let schema = url.rsplit("%3D").next().unwrap();
    for granted in ["USAGE ON SCHEMA {}", "SELECT ON ALL TABLES IN SCHEMA {}"] {
        postgres::shared().psql(&format!("GRANT {} TO PUBLIC", granted.replace("{}", schema)));
        let sentence = refusal(stranger.command("serve"));
        assert!(
            sentence.contains("may not do what pinfold needs") && sentence.contains("permission denied"),
            "{sentence}"
        );
    }
    postgres::shared().psql(&format!("GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO PUBLIC"));
    let commit = format!("EXECUTE ON FUNCTION {schema}.pinfold_commit");
    postgres::shared().psql(&format!("REVOKE {commit} FROM PUBLIC"));
    let sentence = refusal(stranger.command("serve"));
    assert!(sentence.contains("may not do what pinfold needs"), "{sentence}");
    postgres::shared().psql(&format!("GRANT {commit} TO PUBLIC"));
    stranger.serve().stop();
}

#[test]
fn a_database_that_does_not_answer_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sentence = refusal(workspace(&format!("postgres://me@127.0.0.1:{port}/db"), "").command("migrate"));
    let expected = format!("the database postgres://me@127.0.0.1:{port}/db?sslmode=prefer does not answer: ");
    assert!(sentence.starts_with(&expected), "{sentence}");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://me@{}/db", silent.local_addr().unwrap());
    let sentence = refusal(workspace(&url, "store.connect_ms = 200").command("migrate"));
    assert!(sentence.contains("does not answer: "), "{sentence}");
}

/// A store with an account, and a workspace over it for a role that may only read, as on a standby.
fn only_readable(settings: &[&str]) -> (String, Workspace) {
    let url = postgres::shared().new_schema();
    let server = workspace(&url, "").serve();
    assert_eq!(http::code(&http::post(server.rest, "recentcontact/mark_contact", MARK)), 0);
    server.stop();
    let schema = url.rsplit("%3D").next().unwrap().to_owned();
    let reader = role(&format!("reader_of_{schema}"), &url);
    let name = reader.split_once("://").unwrap().1.split_once('@').unwrap().0;
    let settings = settings.iter().map(|setting| format!("ALTER ROLE {name} SET {setting}"));
    for statement in settings.chain([
        format!("GRANT USAGE ON SCHEMA {schema} TO {name}"),
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}"),
    ]) {
        postgres::shared().psql(&statement);
    }
    (schema, workspace(&reader, ""))
}

#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_role_that_may_only_read_is_enough_to_back_up_to_export_and_to_check() {
    let (_, reader) = only_readable(&["default_transaction_read_only = on"]);
    for (command, to) in [("backup", Some("backup.ndjson.gz")), ("export", Some("export.ndjson")), ("check", None)] {
        let mut command = reader.command(command);
        command.args(to.map(|name| reader.path(name)));
        printed(command);
    }
    let dump = std::fs::read_to_string(reader.path("export.ndjson")).unwrap();
    assert!(dump.contains("hush-hush"), "{dump}");
    assert!(refusal(reader.command("serve")).contains("may not do what pinfold needs"));
}

/// The rows are locked for longer than the role's statements may take.
#[test]
#[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed")]
fn a_check_is_not_ended_by_the_time_limit_of_its_role() {
    let (schema, reader) = only_readable(&["statement_timeout = '500ms'", "lock_timeout = '500ms'"]);
    let table = format!("{schema}.pinfold_accounts");
    let lock = format!("BEGIN; LOCK TABLE {table}; SELECT pg_sleep(4)");
    let mut locking = postgres::shared().psql_command(&lock).stdout(Stdio::null()).spawn().unwrap();
    let held = format!("SELECT count(*) FROM pg_locks WHERE granted AND relation = '{table}'::regclass");
    let began = Instant::now();
    while postgres::shared().psql(&held) != "1" {
        assert!(began.elapsed() < TIMEOUT, "the table was not locked");
    }
    printed(reader.command("check"));
    assert!(locking.wait().unwrap().success());
}

#[test]
fn only_a_database_has_tables_to_migrate() {
    assert!(refusal(Workspace::with("").command("migrate")).starts_with("store.url does not name a database"));
}
