//! What processes use, as the system counts it.

use std::fs;

const TICKS_PER_SECOND: f64 = 100.0;

/// What a process used so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    pub(crate) rss_mib: f64,
    pub(crate) written_bytes: u64,
}

impl Usage {
    /// What this process used; nothing if it is gone.
    pub(crate) fn of(process: u32) -> Self {
        let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let number = |text: &str, name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok())
                .unwrap_or(0)
        };
        Self {
            cpu_seconds: Stat::of(&process.to_string()).own_cpu_seconds(),
            rss_mib: number(&read("status"), "VmRSS:") as f64 / 1024.0,
            written_bytes: number(&read("io"), "write_bytes:"),
        }
    }
}

/// CPU time of a process and of every child it has or had.
pub(crate) fn family_cpu_seconds(parent: u32) -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let stats = names.filter(|name| name.parse::<u32>().is_ok()).map(|name| Stat::of(&name));
    let living: f64 = stats.filter(|stat| stat.number(1) == f64::from(parent)).map(|stat| stat.own_cpu_seconds()).sum();
    let parent = Stat::of(&parent.to_string());
    living + parent.own_cpu_seconds() + parent.cpu_seconds_of_the_dead()
}

/// The numbers of `/proc/…/stat` behind the name of the process: its state, its parent, …
struct Stat(Vec<f64>);

impl Stat {
    fn of(process: &str) -> Self {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name may hold blanks and brackets.
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        Self(after_name.split(' ').map(|field| field.parse().unwrap_or(0.0)).collect())
    }

    fn own_cpu_seconds(&self) -> f64 {
        (self.number(11) + self.number(12)) / TICKS_PER_SECOND
    }

    /// Of children that ended and were waited for.
    fn cpu_seconds_of_the_dead(&self) -> f64 {
        (self.number(13) + self.number(14)) / TICKS_PER_SECOND
    }

    fn number(&self, place: usize) -> f64 {
        self.0.get(place).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn the_cpu_time_of_a_child_counts_while_it_lives_and_after_it_ended() {
        let work = "n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done; echo done; read line";
        let mut command = Command::new("sh");
        command.args(["-c", work]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let (own, mut child) = (std::process::id(), command.spawn().unwrap());
        child.stdout.as_mut().unwrap().read_exact(&mut [0; 4]).unwrap();
        let (of_own, of_child) = (Usage::of(own).cpu_seconds, Usage::of(child.id()).cpu_seconds);
        assert!(of_child > 0.0);
        assert!(family_cpu_seconds(own) >= of_own + of_child);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(family_cpu_seconds(own) >= of_own + of_child);
    }
}
