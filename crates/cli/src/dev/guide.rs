//! The text that `pinfold dev` prints.

use std::net::SocketAddr;
use std::path::Path;

use pinfold_server::config::Secret;

use super::{APP, IDENTIFIER, authority};
use crate::failure::Failure;
use crate::service::base_url;
use crate::user_sig::sign;
use crate::values::DAY_SECONDS;

/// How long the printed signature is valid.
const SIGNATURE_DAYS: u64 = 180;

/// Two accounts, a mark on the conversation between them, and what is kept of it.
const CALLS: [(&str, &str); 3] = [
    ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["alice","bob"]}"#),
    (
        "recentcontact/mark_contact",
        r#"{"From_Account":"alice","MarkItem":[{"OptType":1,"ContactItem":{"Type":1,"To_Account":"bob"},"SetMark":[0]}]}"#,
    ),
    ("recentcontact/get_contact_group", r#"{"From_Account":"alice"}"#),
];

/// The text for a server that listens on `address` and keeps its things in `directory`.
pub(super) fn text(address: SocketAddr, tls: bool, directory: &Path, key: &Secret) -> Result<String, Failure> {
    let base = base_url(tls, address);
    let signature = sign(APP.0, IDENTIFIER, SIGNATURE_DAYS * DAY_SECONDS, key)?;
    let query = format!("sdkappid={}&identifier={IDENTIFIER}&usersig={signature}&random=1&contenttype=json", APP.0);
    // The lines are pasted in other terminals, wherever those are.
    let directory = std::path::absolute(directory)?;
    let ca = directory.join("tls").join(authority::CA_FILE);
    let trust = if tls { format!(" --cacert {}", quoted(&ca.to_string_lossy())) } else { String::new() };
    let curls = CALLS.map(|(command, body)| {
        format!("curl -sS -w '\\n'{trust} {} -d {}\n\n", quoted(&format!("{base}/v4/{command}?{query}")), quoted(body))
    });
    Ok(format!(
        "pinfold {version} serves {base} and keeps its data and key in {directory}. Ctrl-C ends it.\n\n\
         \x20 base URL    {base}\n\
         \x20 sdkappid    {app}\n\
         \x20 identifier  {IDENTIFIER}\n\
         \x20 usersig     {signature}\n\
         \x20             (valid for {SIGNATURE_DAYS} days; this makes others:\n\
         \x20             pinfold user-sig --key-file {key_file} --app {app})\n\n\
         {trusting}\
         Paste these lines into another terminal. They import alice and bob, mark alice's conversation with bob\n\
         as a favourite, and read it back:\n\n{curls}",
        version = env!("CARGO_PKG_VERSION"),
        directory = directory.display(),
        key_file = quoted(&directory.join("key").to_string_lossy()),
        app = APP.0,
        trusting = if tls { how_to_trust(&ca) } else { String::new() },
        curls = curls.concat(),
    ))
}

fn how_to_trust(ca: &Path) -> String {
    let ca = quoted(&ca.to_string_lossy());
    format!(
        "The certificate is good for localhost, 127.0.0.1 and ::1. To trust it\n\
         \x20 in one process:   SSL_CERT_FILE={ca} (OpenSSL, Go, Rust: in place of the system's)\n\
         \x20                   NODE_EXTRA_CA_CERTS={ca} (Node.js)\n\
         \x20                   REQUESTS_CA_BUNDLE={ca} (Python requests)\n\
         \x20 on all of Debian: sudo cp {ca} /usr/local/share/ca-certificates/pinfold-dev.crt && sudo update-ca-certificates\n\
         The authority behind it can vouch for these three names only.\n\n"
    )
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_the_shell_is_quoted_if_it_must_be() {
        assert_eq!(quoted("./pinfold-dev/tls/ca.pem"), "./pinfold-dev/tls/ca.pem");
        assert_eq!(quoted("my data"), "'my data'");
        assert_eq!(quoted("bob's"), r"'bob'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
