//! What a key may hold, whatever it is called.

use toml::Value;

/// A set of values. `T` is the type of the field; a key without a default has an `Option` of it.
pub(super) trait Kind<T> {
    /// Completes the sentence "allowed is …".
    const ALLOWED: &'static str;
    /// How the text of an environment variable becomes a value.
    const SHAPE: Shape = Shape::Text;
    /// What an error repeats of a value.
    const QUOTED: Quoted = Quoted::Value;

    /// The field for a value.
    fn read(value: &Value) -> Result<T, Wrong>;

    /// The value as an operator may see it, without secrets; `None` if the key is not set.
    fn show(field: &T) -> Option<Value>;

    /// What is wrong with a text, for mistakes that `ALLOWED` does not explain. It repeats nothing of a secret or a URL.
    fn reason(_text: &str) -> Option<String> {
        None
    }
}

/// How the text of an environment variable is read.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Text,
    Number,
    Flag,
    List,
    /// A list whose items may begin with a bracket, as TOML's own lists do.
    AddressList,
}

/// What an error repeats of a value that is not allowed.
#[derive(Clone, Copy)]
pub(super) enum Quoted {
    Value,
    /// The scheme of a URL, which may hold a password.
    Scheme,
    Nothing,
}

/// A value is not allowed, or one element of it. The sentence is made where the key is known.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) element: Option<usize>,
}

impl<T, K: Kind<T>> Kind<Option<T>> for K {
    const ALLOWED: &'static str = <K as Kind<T>>::ALLOWED;
    const SHAPE: Shape = <K as Kind<T>>::SHAPE;
    const QUOTED: Quoted = <K as Kind<T>>::QUOTED;

    fn read(value: &Value) -> Result<Option<T>, Wrong> {
        <K as Kind<T>>::read(value).map(Some)
    }

    fn show(field: &Option<T>) -> Option<Value> {
        field.as_ref().and_then(<K as Kind<T>>::show)
    }

    fn reason(text: &str) -> Option<String> {
        <K as Kind<T>>::reason(text)
    }
}
