//! Kinds of values: how a value of a key is read, shown and refused.

use toml::Value;

/// A set of values, read into a `T`. A field has that type, or an `Option` of it if its key has no default.
pub(super) struct Kind<T> {
    /// Completes the sentence "allowed is …".
    pub(super) allowed: &'static str,
    /// How the text of an environment variable becomes a value.
    pub(super) shape: Shape,
    /// What an error repeats of a value.
    pub(super) quoted: Quoted,
    pub(super) read: fn(&Value) -> Result<T, Wrong>,
    /// The value as an operator may see it, without secrets; `None` if the key is not set.
    pub(super) show: fn(&T) -> Option<Value>,
    /// Says what is wrong with a text, for mistakes that `allowed` does not explain. It repeats no secret and no URL.
    pub(super) reason: fn(&str) -> Option<String>,
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

impl<T> Kind<T> {
    pub(super) const fn new(
        allowed: &'static str,
        shape: Shape,
        read: fn(&Value) -> Result<T, Wrong>,
        show: fn(&T) -> Option<Value>,
    ) -> Self {
        Self { allowed, shape, quoted: Quoted::Value, read, show, reason: |_| None }
    }
}

/// A field that holds a `T`: itself, or an `Option` of it.
pub(super) trait Holds<T> {
    fn holding(value: T) -> Self;
    fn held(&self) -> Option<&T>;
}

impl<T> Holds<T> for T {
    fn holding(value: T) -> Self {
        value
    }

    fn held(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T> Holds<T> for Option<T> {
    fn holding(value: T) -> Self {
        Some(value)
    }

    fn held(&self) -> Option<&T> {
        self.as_ref()
    }
}
