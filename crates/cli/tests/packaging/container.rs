//! The files for containers. No test builds the image: `packaging/check-image` does the same without Docker.

use std::fs;

use crate::support::{Workspace, free_port, pinfold, run, text};
use crate::{path, read};

/// The paths that the Dockerfile copies from the repository.
fn copied() -> Vec<String> {
    let dockerfile = read("Dockerfile");
    let lines =
        dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.contains("--from"));
    let sources = lines.flat_map(|line| {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        words[..words.len() - 1].to_vec()
    });
    sources.collect()
}

#[test]
fn what_the_dockerfile_copies_is_there_and_nothing_else_is_sent_to_the_builder() {
    let copied = copied();
    assert!(copied.len() > 4, "{copied:?}");
    for source in &copied {
        assert!(path(source).exists(), "{source}");
    }
    let ignored = read(".dockerignore");
    let sent: Vec<_> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(ignored.lines().any(|line| line == "*"));
    let is_sent = |source: &String| sent.iter().any(|sent| source.starts_with(sent));
    assert!(copied.iter().all(is_sent), "{copied:?} are copied, {sent:?} are sent");
    let is_copied = |sent: &&str| copied.iter().any(|source| source.starts_with(*sent));
    assert!(sent.iter().all(is_copied), "{copied:?} are copied, {sent:?} are sent");
}

#[test]
fn the_image_is_built_by_the_toolchain_of_the_workspace_and_as_in_ci() {
    let manifest = read("Cargo.toml");
    let (_, rest) = manifest.split_once("rust-version = \"").unwrap();
    let version = rest.split('"').next().unwrap();
    let dockerfile = read("Dockerfile");
    assert!(dockerfile.contains(&format!("FROM rust:{version}-")), "{version}");
    assert!(dockerfile.contains("ARG BUILD=build-trained\n") && dockerfile.contains("packaging/$BUILD /out "));
    assert!(read("packaging/build-static").contains("cargo install --path crates/cli --locked "));
    assert!(read("packaging/check-image").contains("packaging/build-static "));
    assert!(read(".ci/run").contains("packaging/check-image --debug\n"));
}

/// The variables of an instance, as `compose.yaml` sets them.
fn variables() -> Vec<(String, String)> {
    let compose = read("compose.yaml");
    let instance = compose.split("\nservices:").next().unwrap();
    let set = instance.lines().filter_map(|line| line.trim().split_once(": "));
    let ours = set.filter(|(name, _)| name.starts_with("PINFOLD_"));
    ours.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

#[test]
fn the_configuration_of_the_image_and_of_compose_is_one() {
    let workspace = Workspace::with("");
    fs::write(workspace.path("database.password"), "sesame\n").unwrap();
    let config = path("packaging/container/pinfold.toml");
    let mut command = pinfold(["check-config", "--config", text(&config)]);
    let variables = variables();
    assert!(variables.len() >= 4, "{variables:?}");
    let secrets = format!("{}/", text(workspace.directory.path()));
    command.envs(variables.into_iter().map(|(name, value)| (name, value.replace("/run/secrets/", &secrets))));
    let output = run(command);
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(printed.contains("postgres://pinfold@database"), "{printed}");
    assert!(read("Dockerfile").contains("COPY packaging/container/pinfold.toml /etc/pinfold/pinfold.toml"));
    assert!(read("Dockerfile").contains("PINFOLD_CONFIG=/etc/pinfold/pinfold.toml"));
}

#[test]
fn the_image_keeps_its_data_where_its_user_may_write() {
    let (dockerfile, config) = (read("Dockerfile"), read("packaging/container/pinfold.toml"));
    assert!(config.contains("url = \"file:/var/lib/pinfold\""));
    assert!(dockerfile.contains("--chown=65532:65532 --chmod=0700 /out/data /var/lib/pinfold\n"));
    assert!(dockerfile.contains("\nUSER 65532:65532\n") && dockerfile.contains("\nVOLUME /var/lib/pinfold\n"));
}

/// The health check of the image, without the path of the binary.
fn health_check() -> Vec<String> {
    let dockerfile = read("Dockerfile");
    let line = dockerfile.lines().find(|line| line.starts_with("HEALTHCHECK ")).unwrap();
    let words: Vec<String> = serde_json::from_str(line.split_once(" CMD ").unwrap().1).unwrap();
    assert_eq!(words[0], "/usr/local/bin/pinfold");
    words[1..].to_vec()
}

#[test]
fn the_health_check_of_the_image_says_whether_it_is_well() {
    let workspace = Workspace::with(&format!("admin_listen = \"127.0.0.1:{}\"", free_port()));
    let check = || {
        let mut command = pinfold(health_check().iter().map(String::as_str));
        command.env("PINFOLD_CONFIG", workspace.config());
        run(command).status.code()
    };
    let server = workspace.serve();
    assert_eq!(check(), Some(0));
    server.stop();
    assert_eq!(check(), Some(1));
}
