//! Reading what real callers send (docs/protocol.md, section 1, "Lenient reading").
//!
//! Every field of a request is a [`Lenient`]: absent, given, or malformed. So reading a request never fails because of
//! one field, and the server refuses that field by name, or only the item it stands in.

mod convert;
mod elements;
mod observed;
mod sent_as;
mod shape;
mod shapes;
mod visitor;

pub use elements::Elements;
pub(crate) use elements::keeping;
pub use sent_as::SentAs;
pub(crate) use sent_as::{first, first_id};
pub use shape::Shape;
pub use shapes::Item;

/// A field of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lenient<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, with a value of the right type. A text may be empty: for an id the server takes that as absent.
    Given(T),
    /// There, with a value of a wrong type.
    Malformed(Malformed),
}

/// An array. Each element is lenient by itself, so that one bad element is one bad item.
pub type List<T> = Lenient<Elements<T>>;

/// What is wrong with a value that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// A boolean, an array or an object where a string belongs.
    NotAString,
    /// A number where a string belongs. For an account id this has a code of its own, 60015.
    NumberForString,
    /// Anything but a JSON integer or a string of decimal digits that fit 64 bits.
    NotAnInteger,
    /// Anything but `true`, `false`, 1, 0, or one of these numbers as a string.
    NotABoolean,
    /// Anything but an object where one belongs.
    NotAnObject,
    /// A value where an array belongs, and one that may not stand for an array of one.
    NotAnArray,
    /// An array that some languages write as an object: `{"0":{},"2":{}}`.
    ObjectWithNumberKeys,
}

impl Malformed {
    /// The words to put after the name of the field, such as "must be a string".
    pub const fn expected(self) -> &'static str {
        match self {
            Malformed::NotAString | Malformed::NumberForString => "must be a string",
            Malformed::NotAnInteger => "must be an integer",
            Malformed::NotABoolean => "must be true or false",
            Malformed::NotAnObject => "must be an object",
            Malformed::NotAnArray | Malformed::ObjectWithNumberKeys => "must be an array",
        }
    }
}

impl<T> Lenient<T> {
    /// Whether the field is not there or `null`; then it is not written either.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Lenient::Absent)
    }

    /// The value, if one of the right type came.
    pub const fn given(&self) -> Option<&T> {
        match self {
            Lenient::Given(value) => Some(value),
            Lenient::Absent | Lenient::Malformed(_) => None,
        }
    }

    /// The value, or `None` for an absent one; a value of a wrong type is the error.
    pub fn optional(self) -> Result<Option<T>, Malformed> {
        match self {
            Lenient::Absent => Ok(None),
            Lenient::Given(value) => Ok(Some(value)),
            Lenient::Malformed(malformed) => Err(malformed),
        }
    }

    /// The same over a reference.
    pub const fn as_ref(&self) -> Lenient<&T> {
        match self {
            Lenient::Absent => Lenient::Absent,
            Lenient::Given(value) => Lenient::Given(value),
            Lenient::Malformed(malformed) => Lenient::Malformed(*malformed),
        }
    }
}

impl Lenient<String> {
    /// Whether something was given for an id; `""` is nothing, a value of a wrong type is something.
    pub fn is_id(&self) -> bool {
        match self {
            Lenient::Absent => false,
            Lenient::Given(id) => !id.is_empty(),
            Lenient::Malformed(_) => true,
        }
    }
}
