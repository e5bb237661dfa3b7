//! What can be wrong with a database's URL, in words that repeat nothing of it: a mistyped URL may show a password.

use std::error::Error as _;

/// Parameters that the driver or pinfold reads.
const SUPPORTED: [&str; 19] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
    "sslrootcert",
];

/// Parameters of libpq that nothing here reads, and what to do without them.
const UNSUPPORTED: [(&str, &str); 22] = [
    ("client_encoding", "it is always UTF8"),
    ("fallback_application_name", "set application_name"),
    ("gssdelegation", "log in with a password"),
    ("gssencmode", "use TLS"),
    ("gsslib", "log in with a password"),
    ("keepalives_count", "set keepalives_retries"),
    ("krbsrvname", "log in with a password"),
    ("passfile", "set store.password_file"),
    ("replication", "leave it out"),
    ("require_auth", "leave it out"),
    ("requirepeer", "leave it out"),
    ("service", "write host, user and database into the URL"),
    ("servicefile", "write host, user and database into the URL"),
    ("ssl_max_protocol_version", "TLS 1.2 and 1.3 are spoken"),
    ("ssl_min_protocol_version", "TLS 1.2 and 1.3 are spoken"),
    ("sslcert", "log in with a password"),
    ("sslcertmode", "log in with a password"),
    ("sslcompression", "leave it out"),
    ("sslcrl", "leave it out"),
    ("sslkey", "log in with a password"),
    ("sslpassword", "log in with a password"),
    ("sslsni", "leave it out"),
];

/// Checks the part before the question mark. The driver takes the first `@` for the end of the password, and shows
/// what follows as the name of a host.
pub(super) fn credentials(base: &str) -> Result<(), String> {
    let (_, place) = base.split_once("://").unwrap_or(("", base));
    match place.rsplit_once('@') {
        Some((credentials, _)) if credentials.contains(['@', '/']) => {
            Err("a user, password or database that holds @ or / must be percent-encoded: %40 for @, %2F for /".into())
        }
        _ => Ok(()),
    }
}

/// Checks the name of a parameter.
pub(super) fn parameter(name: &str) -> Result<(), String> {
    if SUPPORTED.contains(&name) {
        return Ok(());
    }
    Err(match UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == name) {
        Some((unsupported, instead)) => format!("the parameter {unsupported} is not supported: {instead}"),
        None => "a parameter after the question mark is unknown; a password that holds ? or & must be \
            percent-encoded: %3F for ?, %26 for &"
            .into(),
    })
}

/// Names the value that the driver refuses. Its own text would do, were it certain never to repeat one.
pub(super) fn value(error: &tokio_postgres::Error) -> String {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    match SUPPORTED.iter().find(|name| text.contains(&format!("`{name}`"))) {
        Some(&"port") => "a port is not a number from 0 to 65535; a password that holds any of / ? # @ must be \
            percent-encoded, and is followed by @ and the host"
            .into(),
        Some(&"target_session_attrs") => "target_session_attrs is any, read-write or read-only".into(),
        Some(name) => format!("the value of {name} is not allowed"),
        None => "it cannot be read; it is written postgres://USER@HOST:PORT/DATABASE?PARAMETER=VALUE".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::PostgresUrl;

    #[track_caller]
    fn refused(url: &str, expected: &str) {
        let refusal = url.parse::<PostgresUrl>().unwrap_err();
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!refusal.contains("geheim") && !refusal.contains("wort"), "{refusal}");
    }

    #[test]
    fn a_password_that_must_be_percent_encoded_is_told_so() {
        refused("postgres://me:geheim@wort@h/db", "%40 for @");
        refused("postgres://me:geheim/wort@h/db", "%2F for /");
        refused("postgres://me:geheim?wort@h/db", "percent-encoded");
        refused("postgres://me:geheim?wort=1@h/db", "percent-encoded");
        // A file of variables takes # for the beginning of a comment.
        refused("postgres://me:geheim", "percent-encoded");
        for taken in ["postgres://me:geheim%40%2F%3Fwort@h/db", "postgres://me:geheim#wort@h/db"] {
            assert!(taken.parse::<PostgresUrl>().is_ok(), "{taken}");
        }
    }

    #[test]
    fn a_parameter_that_is_not_supported_is_named_and_an_unknown_one_is_not_repeated() {
        refused("postgres://me@h/db?sslcert=geheim.pem", "the parameter sslcert is not supported: log in");
        refused("postgres://me@h/db?passfile=geheim", "set store.password_file");
        refused("postgres://me@h/db?geheim=1", "a parameter after the question mark is unknown");
    }

    #[test]
    fn a_value_that_is_not_allowed_is_told_by_its_parameter() {
        refused("postgres://me@h/db?connect_timeout=geheim", "the value of connect_timeout is not allowed");
        refused("postgres://me@h/db?target_session_attrs=primary", "any, read-write or read-only");
        refused("postgres://me@h:geheim/db", "a port is not a number");
        refused("postgres://me@[geheim/db", "the value of host is not allowed");
    }

    #[test]
    fn a_missing_user_or_host_is_named_with_its_place() {
        refused("postgres://h/db", "it names no user: postgres://USER@HOST/DATABASE");
        refused("postgres://me@/db", "it names no host: postgres://USER@HOST/DATABASE");
    }
}
