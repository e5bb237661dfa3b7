//! Adds an input to the seeds of a target: `cargo run -p pinfold-fuzz-targets --example add-seed -- TARGET NAME FILE`.

use std::error::Error;
use std::{env, fs};

use pinfold_fuzz_targets::{TARGETS, seeds};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [target, name, file] = &arguments[..] else { return Err("give TARGET, NAME and FILE".into()) };
    if !TARGETS.iter().any(|(known, _)| known == target) {
        return Err(format!("there is no target {target}").into());
    }
    let archive = seeds::archive(target);
    let mut all = seeds::read(&archive)?;
    if all.insert(name.clone(), fs::read(file)?).is_some() {
        return Err(format!("{target} has a seed {name} already").into());
    }
    Ok(fs::write(archive, seeds::pack(&all)?)?)
}
