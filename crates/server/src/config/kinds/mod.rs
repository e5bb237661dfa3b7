//! The kinds of values that keys hold.

mod lists;
mod numbers;
mod texts;
mod words;

pub(super) use lists::{ACCOUNT_IDS, ADDRESSES, ADDRESSES_OR_NONE, RANGES, SIGNING_KEYS, WEBHOOK_COMMANDS};
pub(super) use numbers::{APP_ID, COUNT, COUNT_OR_ZERO, DAYS_OR_ZERO, MILLIS, limit};
pub(super) use texts::{
    ADDRESS_OR_NONE, COLLECTOR_OR_NONE, FILE_PATH, FLAG, LOG_FILTER, PASSWORD, STORE_URL, TOKEN, WEBHOOK_URL,
};
pub(super) use words::{EDITION, LOG_FORMAT, MESSAGES, REGISTRATION, USERS};

#[cfg(test)]
mod tests {
    use pinfold_core::WebhookCommand;
    use toml::Value;

    use super::*;
    use crate::config::kind::Kind;
    use crate::config::{Password, Secret};

    #[test]
    fn secrets_are_shown_as_four_stars() {
        assert_eq!((PASSWORD.show)(&Password::new("geheim")), Some(Value::from("****")));
        let secret = Secret::new("0123456789abcdef").unwrap();
        assert_eq!((TOKEN.show)(&secret), Some(Value::from("****")));
        let keys = vec![secret];
        assert_eq!((SIGNING_KEYS.show)(&keys), Some(Value::from(vec!["****"])));
    }

    fn assert_names_its_words<T: words::Words>(kind: Kind<T>) {
        for (word, _) in T::WORDS {
            assert!(kind.allowed.contains(&format!("{word:?}")), "{word} is not in {}", kind.allowed);
        }
    }

    #[test]
    fn every_word_is_named_where_it_is_said_what_is_allowed() {
        assert_names_its_words(EDITION);
        assert_names_its_words(REGISTRATION);
        assert_names_its_words(USERS);
        assert_names_its_words(MESSAGES);
        assert_names_its_words(LOG_FORMAT);
        for command in WebhookCommand::ALL {
            assert!(WEBHOOK_COMMANDS.allowed.contains(&format!("{:?}", command.name())), "{command:?}");
        }
    }
}
