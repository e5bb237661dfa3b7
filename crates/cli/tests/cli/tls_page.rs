//! The commands of docs/operate/tls.md make certificates that a server accepts.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::dev::has_curl;
use crate::support::{Workspace, run};

/// The blocks of shell in a page that hold a word.
fn blocks(page: &str, word: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operate").join(page);
    let page = fs::read_to_string(path).unwrap();
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block.to_owned()).filter(|block| block.contains(word)).collect()
}

#[test]
fn the_authority_of_callers_that_the_page_makes_is_accepted() {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        return;
    }
    let workspace =
        Workspace::with("[tls]\ncert_file = \"s.pem\"\nkey_file = \"s.pem\"\nclient_ca_file = \"callers-ca.pem\"");
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(workspace.path("s.pem"), key.serialize_pem() + &certificate.pem()).unwrap();
    let [block] = &blocks("tls.md", "callers-ca.key")[..] else { panic!("one block") };
    let mut shell = Command::new("sh");
    shell.args(["-ec", block]).current_dir(workspace.directory.path());
    let output = run(shell);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    if !has_curl() {
        return;
    }
    let server = workspace.serve();
    let call = |arguments: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["-sk", "--noproxy", "*", &format!("https://localhost:{}", server.rest.port())]).args(arguments);
        curl.current_dir(workspace.directory.path());
        run(curl).stdout
    };
    let answer = String::from_utf8(call(&["--cert", "backend.pem", "--key", "backend.key"])).unwrap();
    assert!(answer.contains("60009"), "{answer}");
    assert!(call(&[]).is_empty());
    let call = |arguments: &[&str]| {
        let mut command = workspace.command("call");
        command.args(["--url", &format!("https://localhost:{}", server.rest.port()), "--ca-file", "s.pem"]);
        command.args(arguments).args(["account_import", r#"{"UserID":"alice"}"#]);
        command.current_dir(workspace.directory.path());
        run(command).status.code()
    };
    assert_eq!(call(&["--client-cert", "backend.pem", "--client-key", "backend.key"]), Some(0));
    assert_eq!(call(&[]), Some(2));
    server.stop();
}
