//! The refusal of a path that is not a command's: it repeats the path and suggests a command.

use pinfold_wire::commands::{COMMANDS, Listed};

/// Most characters of a path that the refusal repeats.
const PATH_SHOWN_CHARS_MAX: usize = 100;
/// Longer names are not compared with those of commands: the time that takes grows with the length.
const NAME_COMPARED_BYTES_MAX: usize = 64;
/// Where a query may begin that got into the path, percent-encoded once or twice or without its question mark.
const QUERY_BEGINNINGS: [&str; 10] = ["%3f", "%253f", "usersig", "&", "%26", "%2526", ";", "=", "%3d", "%253d"];

/// The sentence for the caller. It holds nothing of a query, so no signature.
pub(crate) fn refusal(path: &str) -> String {
    let without_query = without_query(path);
    let shown: String = without_query.chars().take(PATH_SHOWN_CHARS_MAX).collect();
    let cut = if shown.len() < path.len() { "…" } else { "" };
    let hint = match nearest(without_query) {
        Some(Listed { service, name, .. }) => format!("did you mean /v4/{}/{name}?", service.path()),
        None => "paths are /v4/<service>/<command>".to_owned(),
    };
    format!("there is no command {shown:?}{cut}; {hint}")
}

/// The path up to where a query begins in it, or a part that may be a signature.
fn without_query(path: &str) -> &str {
    let lower = path.to_ascii_lowercase();
    let query = QUERY_BEGINNINGS.iter().filter_map(|beginning| lower.find(beginning)).min();
    let part_at = |part: &str| part.as_ptr() as usize - path.as_ptr() as usize;
    let signature = path.split('/').find(|part| may_be_signature(part)).map(part_at);
    &path[..query.into_iter().chain(signature).min().unwrap_or(path.len())]
}

/// Whether a part of a path is as long as signatures are, and begins as they do: zlib's first byte is 0x78.
fn may_be_signature(part: &str) -> bool {
    part.len() > NAME_COMPARED_BYTES_MAX && matches!(part.as_bytes(), [b'e', b'A'..=b'P', ..])
}

/// The command whose name is most like the last part of the path, if it is near; of several that of the service in
/// the path.
fn nearest(path: &str) -> Option<&'static Listed> {
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let name = parts.next().filter(|name| name.len() <= NAME_COMPARED_BYTES_MAX)?;
    let service = parts.next().unwrap_or_default();
    let letters = letters(name);
    let ranked = COMMANDS.iter().map(|listed| {
        let distance = strsim::levenshtein(&letters, &self::letters(listed.name));
        (distance, listed.service.path() != service, listed)
    });
    let (distance, _, listed) = ranked.min_by_key(|(distance, is_other_service, _)| (*distance, *is_other_service))?;
    (distance <= (listed.name.len() / 5).max(1)).then_some(listed)
}

/// The name without its separators and in lower case: `CreateGroup` and `create-group` differ in nothing else.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_another_style_a_slip_and_another_service_find_the_command() {
        for path in [
            "/v4/recentcontact/CreateContactGroup",
            "/v4/recentcontact/create-contact-group",
            "/v4/recentcontact/createcontactgroup",
            "/v4/recentcontact/create_contact_grup",
            "/v4/im_open_login_svc/create_contact_group",
            "/v3/recentcontact/create_contact_group",
            "/v4/recentcontact/create_contact_group/",
            "/v4/recentcontact/create_contact_group//",
            "/v4/recentcontact/create%5Fcontact_group",
            "/create_contact_group",
        ] {
            let sentence = refusal(path);
            assert!(sentence.ends_with("; did you mean /v4/recentcontact/create_contact_group?"), "{sentence}");
        }
    }

    #[test]
    fn what_is_near_to_no_command_finds_none() {
        let names = ["admin_msgwithdraw", "get_group_member_info", "x", "", "工作"];
        for name in names {
            let sentence = refusal(&format!("/v4/recentcontact/{name}"));
            assert!(sentence.ends_with("; paths are /v4/<service>/<command>"), "{sentence}");
        }
    }

    #[test]
    fn a_path_is_cut_at_100_characters_and_its_control_characters_are_escaped() {
        let sentence = refusal(&format!("/{}", "é".repeat(100)));
        assert!(sentence.contains(&format!("\"/{}\"…;", "é".repeat(99))), "{sentence}");
        let whole = refusal(&format!("/{}", "é".repeat(99)));
        assert!(whole.contains(&format!("\"/{}\";", "é".repeat(99))), "{whole}");
        assert!(refusal("/\u{7f}\u{85}\u{202e}\"").starts_with(r#"there is no command "/\u{7f}\u{85}\u{202e}\"";"#));
    }

    #[test]
    fn a_query_that_got_into_the_path_is_not_shown() {
        for path in [
            "/v4/recentcontact/top%3Fsdkappid=1&usersig=eJsecret",
            "/v4/recentcontact/top%253fsdkappid%253D1%2526usersig%253DeJsecret",
            "/v4/recentcontact/top&UserSig=eJsecret",
            "/v4/recentcontact/usersig/eJsecret",
            "/v4/recentcontact/top/sig=eJsecret",
            "/v4/recentcontact/top;eJsecret",
            "/v4/recentcontact/top%26user%5Fsig%3DeJsecret",
        ] {
            let sentence = refusal(path);
            assert!(!sentence.contains("secret") && sentence.contains("/v4/recentcontact/"), "{sentence}");
        }
        assert!(refusal("/v4/recentcontact/top%3Fx").ends_with("did you mean /v4/recentcontact/top?"));
        let signature = format!("/v4/recentcontact/eJsecret{}", "x-Y_9*".repeat(20));
        assert!(refusal(&signature).starts_with("there is no command \"/v4/recentcontact/\"…;"));
    }

    #[test]
    fn a_long_name_is_not_compared() {
        let padded = |bytes: usize| nearest(&format!("/{:_<bytes$}", "top")).map(|listed| listed.name);
        assert_eq!(padded(NAME_COMPARED_BYTES_MAX), Some("top"));
        assert_eq!(padded(NAME_COMPARED_BYTES_MAX + 1), None);
    }
}
