//! Warns where the store's directory is another user's: the user of a service cannot open files that root makes there.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::output;

/// Warns on stderr if a directory belongs to another user than the one that runs this.
pub(crate) fn warn_of_another(directory: &Path) {
    let Ok(about) = directory.metadata() else { return };
    if let Some(warning) = warning(directory, about.uid(), rustix::process::geteuid().as_raw()) {
        output::print_error(&warning);
    }
}

fn warning(directory: &Path, owner: u32, runs: u32) -> Option<String> {
    (owner != runs).then(|| {
        format!(
            "pinfold: warning: {} belongs to the user {owner}, and this runs as the user {runs}, so it may read what the \
             server cannot, and leave files that the server cannot open; run it as its owner: sudo -u '#{owner}' pinfold",
            directory.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_another_user_is_told_with_the_command_that_helps() {
        let directory = Path::new("/var/lib/pinfold");
        assert_eq!(warning(directory, 998, 998), None);
        let warning = warning(directory, 998, 0).unwrap();
        assert!(warning.contains("/var/lib/pinfold belongs to the user 998"), "{warning}");
        assert!(warning.ends_with("sudo -u '#998' pinfold"), "{warning}");
    }
}
