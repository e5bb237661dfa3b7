//! `~` and `$NAME` in paths, which a shell would expand and a configuration does not.

/// Says why a path that begins with `~` or holds `$NAME` is refused: it would name a directory of that name.
pub fn unexpanded(path: &str) -> Option<&'static str> {
    if path.starts_with('~') {
        Some("~ is not replaced by a home directory; write the whole path, or ./~ for a name that begins so")
    } else if names_variable(path) {
        Some("$ does not stand for the value of a variable in a path; write the whole path")
    } else {
        None
    }
}

/// Whether it holds `$NAME` or `${NAME}`.
fn names_variable(path: &str) -> bool {
    path.split('$').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_directory_or_a_variable_in_a_path_is_found_and_other_uses_of_the_signs_are_not() {
        for path in ["~", "~/data", "~me/data", "$HOME/data", "/srv/${NAME}/data", "$_"] {
            assert!(unexpanded(path).is_some(), "{path}");
        }
        for path in ["./~", "data~", "/srv/a~1", "/srv/5$", "/srv/$1", "data"] {
            assert!(unexpanded(path).is_none(), "{path}");
        }
    }
}
