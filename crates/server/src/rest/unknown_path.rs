//! The refusal of a path that is not a command's: it repeats the path and suggests a command.

use pinfold_wire::commands::COMMANDS;
use pinfold_wire::pinfold::watch;
use pinfold_wire::{Service, callback};

/// Most characters of a path that the refusal repeats.
const PATH_SHOWN_CHARS_MAX: usize = 100;
/// Longer names are not compared with those of commands: the time that takes grows with the length.
const NAME_COMPARED_BYTES_MAX: usize = 64;
/// Where a query may begin that got into the path, percent-encoded once or twice or without its question mark.
const QUERY_BEGINNINGS: [&str; 10] = ["%3f", "%253f", "usersig", "&", "%26", "%2526", ";", "=", "%3d", "%253d"];

/// The last two parts of the path of callbacks, which has no service.
const CALLBACK: (&str, &str) = ("v4", "callback");
/// A parameter that every callback has in its query.
const OF_CALLBACKS: &str = "CallbackCommand=";

/// The sentence for the caller. It holds nothing of a query, so no signature.
pub(crate) fn refusal(path: &str, query: &str) -> String {
    let without_query = without_query(path);
    let shown: String = without_query.chars().take(PATH_SHOWN_CHARS_MAX).collect();
    let cut = if shown.len() < path.len() { "…" } else { "" };
    let nearest = if query.contains(OF_CALLBACKS) { Some(callback::PATH.to_owned()) } else { nearest(without_query) };
    let hint = match nearest {
        Some(known) => format!("did you mean {known}?"),
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

/// The path whose last part is most like that of the path, if it is near; of several that of the service in the path.
fn nearest(path: &str) -> Option<String> {
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let name = parts.next().filter(|name| name.len() <= NAME_COMPARED_BYTES_MAX)?;
    let service = parts.next().unwrap_or_default();
    let letters = letters(name);
    let commands = COMMANDS.iter().map(|listed| (listed.service.path(), listed.name));
    let known = commands.chain([(Service::Pinfold.path(), watch::NAME), CALLBACK]);
    let ranked = known.map(|known| {
        let distance = strsim::levenshtein(&letters, &self::letters(known.1));
        (distance, known.0 != service, known)
    });
    let (distance, _, known) = ranked.min_by_key(|(distance, is_other_service, _)| (*distance, *is_other_service))?;
    let path = if known == CALLBACK { callback::PATH.to_owned() } else { format!("/v4/{}/{}", known.0, known.1) };
    (distance <= (known.1.len() / 5).max(1)).then_some(path)
}

/// The name without its separators and in lower case: `CreateGroup` and `create-group` differ in nothing else.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &str) -> String {
        super::refusal(path, "sdkappid=1400000001")
    }

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
    fn the_path_of_callbacks_is_found_by_its_name_and_any_path_by_a_query_of_a_callback() {
        let found = "; did you mean /v4/callback?";
        for path in ["/v4/callback/", "/v4/calback", "/callback", "/v4/recentcontact/callback", "/v3/Callback"] {
            assert!(refusal(path).ends_with(found), "{}", refusal(path));
        }
        let query = "SdkAppid=1400000001&CallbackCommand=C2C.CallbackAfterSendMsg&Sign=secret";
        let sentence = super::refusal("/", query);
        assert_eq!(sentence, format!("there is no command \"/\"{found}"));
    }

    #[test]
    fn the_path_of_watch_is_found() {
        for path in ["/v4/pinfold/watch/", "/v4/pinfold/wach", "/watch", "/v4/recentcontact/Watch"] {
            assert!(refusal(path).ends_with("; did you mean /v4/pinfold/watch?"), "{}", refusal(path));
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
        let padded = |bytes: usize| nearest(&format!("/{:_<bytes$}", "top"));
        assert_eq!(padded(NAME_COMPARED_BYTES_MAX).as_deref(), Some("/v4/recentcontact/top"));
        assert_eq!(padded(NAME_COMPARED_BYTES_MAX + 1), None);
    }
}
