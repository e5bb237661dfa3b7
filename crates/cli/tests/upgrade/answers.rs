//! Calls to the stores of a release with the answers they gave, in a file beside the stores.
//!
//! ```text
//! # A comment.
//! ? sdkappid=1&identifier=administrator&usersig=…    the query of the calls from here on
//! > recentcontact/get_contact_group                  a call; its body is the next line
//! {"From_Account":"alice"}
//! < {"ContactItem":[],…}                             its answer
//! restart                                            the server is stopped and started again
//! ```

use std::io::Write as _;
use std::net::SocketAddr;

use crate::support::{Workspace, http};

/// A line, or the lines of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Comment(String),
    Query(String),
    Call { command: String, body: String, answer: String },
    Restart,
}

pub(crate) fn read(text: &str) -> Vec<Step> {
    let mut lines = text.lines();
    let mut steps = Vec::new();
    while let Some(line) = lines.next() {
        steps.push(match line.split_once(' ') {
            None if line == "restart" => Step::Restart,
            Some(("#", comment)) => Step::Comment(comment.into()),
            Some(("?", query)) => Step::Query(query.into()),
            Some((">", command)) => {
                let body = lines.next().unwrap().to_owned();
                let answer = lines.next().and_then(|line| line.strip_prefix("< ")).unwrap().to_owned();
                Step::Call { command: command.into(), body, answer }
            }
            _ => panic!("{line:?} says nothing"),
        });
    }
    steps
}

pub(crate) fn write(steps: &[Step]) -> String {
    let line = |step: &Step| match step {
        Step::Comment(comment) => format!("# {comment}\n"),
        Step::Query(query) => format!("? {query}\n"),
        Step::Call { command, body, answer } => format!("> {command}\n{body}\n< {answer}\n"),
        Step::Restart => "restart\n".to_owned(),
    };
    steps.iter().map(line).collect()
}

/// The same steps with the answers that the server of this workspace gives.
pub(crate) fn answered(workspace: &Workspace, steps: &[Step]) -> Vec<Step> {
    let mut server = workspace.serve();
    let mut query = String::new();
    let mut answered = Vec::new();
    for step in steps {
        answered.push(match step {
            Step::Call { command, body, .. } => {
                let answer = call(server.rest, &query, command, body);
                Step::Call { command: command.clone(), body: body.clone(), answer }
            }
            Step::Query(other) => {
                query.clone_from(other);
                step.clone()
            }
            Step::Restart => {
                server.stop();
                server = workspace.serve();
                Step::Restart
            }
            Step::Comment(_) => step.clone(),
        });
    }
    server.stop();
    answered
}

/// One call. Its URL is the same every time, as a call that is repeated needs.
pub(crate) fn call(address: SocketAddr, query: &str, command: &str, body: &str) -> String {
    let mut stream = http::connect(address);
    let length = body.len();
    let head = format!(
        "POST /v4/{command}?{query} HTTP/1.1\r\nHost: pinfold\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    let (status, answer) = http::answer(stream);
    assert_eq!(status, 200, "{answer}");
    answer
}
