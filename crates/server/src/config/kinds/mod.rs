//! The kinds of values that keys hold.

mod lists;
mod numbers;
mod texts;
mod words;

pub(super) use lists::{AccountIds, Addresses, AddressesOrNone, Ranges, Secrets};
pub(super) use numbers::{Count, CountOrZero, Number};
pub(super) use texts::{AddressOrNone, CollectorOrNone, DatabasePassword, FilePath, Flag, LogFilter, StoreLocation};
pub(super) use words::OneOf;

#[cfg(test)]
mod tests {
    use pinfold_core::{Edition, Registration};
    use toml::Value;

    use super::*;
    use crate::config::kind::Kind;
    use crate::config::{LogFormat, Password, Secret};

    #[test]
    fn secrets_are_shown_as_four_stars() {
        assert_eq!(DatabasePassword::show(&Password::new("geheim")), Some(Value::from("****")));
        let keys = vec![Secret::new("0123456789abcdef").unwrap()];
        assert_eq!(Secrets::show(&keys), Some(Value::from(vec!["****"])));
    }

    fn words<T: words::Words>() -> Vec<String> {
        T::WORDS.iter().map(|(word, _)| format!("{word:?}")).collect()
    }

    #[test]
    fn every_word_is_named_where_it_is_said_what_is_allowed() {
        for (words, allowed) in [
            (words::<Edition>(), <Edition as words::Words>::ALLOWED),
            (words::<Registration>(), <Registration as words::Words>::ALLOWED),
            (words::<LogFormat>(), <LogFormat as words::Words>::ALLOWED),
        ] {
            assert!(words.iter().all(|word| allowed.contains(word)), "{words:?} {allowed}");
        }
    }
}
