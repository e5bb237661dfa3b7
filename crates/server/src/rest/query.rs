//! The query string of a call, borrowed from the URL wherever nothing is encoded in it.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};
use percent_encoding::percent_decode_str;

/// The parameters that are looked at; everything else is never checked and never required.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Query<'a> {
    pub(crate) sdkappid: Cow<'a, str>,
    pub(crate) identifier: Cow<'a, str>,
    pub(crate) usersig: Cow<'a, str>,
}

impl<'a> Query<'a> {
    /// Reads a query; missing parameters are empty, of repeated ones the first counts. Values are
    /// percent-decoded, and a `+` stays a `+`.
    pub(crate) fn parse(query: &'a str) -> Self {
        let [sdkappid, identifier, usersig] = parameters(query, ["sdkappid", "identifier", "usersig"]);
        Self { sdkappid, identifier, usersig }
    }
}

/// The values of these parameters, read as those of [`Query::parse`]. An escape that cannot be read stays as it is; bytes
/// that are not UTF-8 become U+FFFD.
pub(super) fn parameters<'a, const N: usize>(query: &'a str, names: [&str; N]) -> [Cow<'a, str>; N] {
    // Hardly any query has an escape, and looking for one costs less than decoding: a signature has hundreds of bytes.
    let is_encoded = memchr(b'%', query.as_bytes()).is_some();
    let decode = |text| if is_encoded { percent_decode_str(text).decode_utf8_lossy() } else { Cow::Borrowed(text) };
    let mut found = [const { None }; N];
    let mut begin = 0;
    for end in memchr_iter(b'&', query.as_bytes()).chain([query.len()]) {
        let pair = &query[begin..end];
        let equals = memchr(b'=', pair.as_bytes());
        let (name, value) = equals.map_or((pair, ""), |at| (&pair[..at], &pair[at + 1..]));
        let name = decode(name);
        if let Some(place) = names.iter().position(|wanted| *wanted == name) {
            found[place].get_or_insert_with(|| decode(value));
        }
        begin = end + 1;
    }
    found.map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_any_order_and_unknown_ones_are_ignored() {
        let query = Query::parse("random=7&usersig=eJ*-_&contenttype=json&identifier=admin&sdkappid=14&x");
        let expected = Query { sdkappid: "14".into(), identifier: "admin".into(), usersig: "eJ*-_".into() };
        assert_eq!(query, expected);
        assert!(matches!(query.usersig, Cow::Borrowed(_)));
    }

    #[test]
    fn values_are_percent_decoded_and_a_plus_stays_a_plus() {
        let query = Query::parse("identifier=a%2Bb+c%20%E5%B7%A5&usersig=x%2a%2D%5f");
        assert_eq!(query.identifier, "a+b+c 工");
        assert_eq!(query.usersig, "x*-_");
    }

    #[test]
    fn broken_escapes_stay_and_broken_utf8_is_replaced() {
        assert_eq!(Query::parse("identifier=100%&usersig=%zz%4").identifier, "100%");
        assert_eq!(Query::parse("usersig=%zz%4").usersig, "%zz%4");
        assert_eq!(Query::parse("identifier=%ff").identifier, "\u{fffd}");
    }

    #[test]
    fn names_are_case_sensitive_and_the_first_of_two_counts() {
        assert_eq!(Query::parse("SdkAppId=1").sdkappid, "");
        assert_eq!(Query::parse("sdkappid=1&sdkappid=2").sdkappid, "1");
    }

    #[test]
    fn names_are_decoded_and_pairs_without_one_are_ignored() {
        let query = Query::parse("&&=7&sdk%61ppid=1=2&&identifier&usersig=a%3D&");
        assert_eq!(query, Query { sdkappid: "1=2".into(), identifier: "".into(), usersig: "a=".into() });
    }

    #[test]
    fn an_empty_query_has_empty_parameters() {
        assert_eq!(Query::parse(""), Query::default());
    }
}
