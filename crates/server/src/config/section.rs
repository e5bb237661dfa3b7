//! The macro `section!`, which declares keys. From a declaration come the field with its default, the reading of
//! values, the environment variable, the reference, the example file, and whether a reload takes the key.

use toml::Value;

use super::keys::Key;
use super::kind::Wrong;

/// A section of the configuration: a type whose fields are keys.
pub(super) trait Section: Sized + 'static {
    /// Prefix of the names of its keys, the dot included; empty at the top.
    const PREFIX: &'static str;
    /// What the section is for, as the example file says it.
    const ABOUT: &'static str;
    const FIELDS: &'static [Field<Self>];

    /// Every default. A required key has a value here that no configuration can set.
    fn defaults() -> Self;
}

/// A key, and the field that holds its value.
pub(super) struct Field<S: 'static> {
    pub(super) key: Key,
    pub(super) read: fn(&mut S, &Value) -> Result<(), Wrong>,
    pub(super) show: fn(&S) -> Option<Value>,
    pub(super) is_same: fn(&S, &S) -> bool,
}

/// Declares a section: a struct with public fields, and its [`Section`].
///
/// The text after `in` is what the names of the keys begin with. A key is a doc line for operators, in Markdown, then
/// `field: Type = default, KIND, Reload`. The [`Kind`](super::kind::Kind) is what the key may hold, one of `kinds`. A key
/// that is not called like its field is `field as key`. One without a default to show has an example in TOML:
/// `for example "…"`. Fields that are sections of their own follow in `with`.
///
/// ```text
/// section! {
///     /// How the well is pumped.
///     pub struct WellConfig in "well." {
///         /// Pumps that run at once.
///         pumps_max: u32 = 4, COUNT, Restart;
///         /// How long a pump may stand still.
///         idle as idle_ms: Duration = Duration::from_secs(75), MILLIS, Live;
///         /// File with the name of the well.
///         name_file: Option<PathBuf> = None, FILE_PATH, Live, for example r#""name.txt""#;
///     } with {
///         /// What the pumps are made of.
///         parts: PartsConfig = PartsConfig::default();
///     }
/// }
/// ```
///
/// `section!(impl …)` makes a [`Section`] of a struct that is declared elsewhere.
macro_rules! section {
    (@name $prefix:literal $field:ident) => { concat!($prefix, stringify!($field)) };
    (@name $prefix:literal $field:ident $key:ident) => { concat!($prefix, stringify!($key)) };
    (
        $(#[doc = $about:literal])+
        pub struct $section:ident in $prefix:literal {
            $($(#[doc = $doc:literal])+
            $field:ident $(as $key:ident)?: $type:ty = $default:expr, $kind:expr, $reload:ident
            $(, for example $example:literal)?;)+
        } $(with { $($(#[doc = $part_doc:literal])+ $part:ident: $part_type:ty = $part_default:expr;)+ })?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $section {
            $($(#[doc = $doc])+ pub $field: $type,)+
            $($($(#[doc = $part_doc])+ pub $part: $part_type,)+)?
        }

        $crate::config::section::section! {
            impl $section in $prefix, concat!($($about),+), {
                $($(#[doc = $doc])+ $field $(as $key)?: $type, $kind, $reload $(, for example $example)?;)+
            }, Self { $($field: $default,)+ $($($part: $part_default,)+)? }
        }
    };
    (
        impl $section:ident in $prefix:literal, $about:expr, {
            $($(#[doc = $doc:literal])+
            $field:ident $(as $key:ident)?: $type:ty, $kind:expr, $reload:ident $(, for example $example:literal)?;)+
        }, $defaults:expr
    ) => {
        impl $crate::config::section::Section for $section {
            const PREFIX: &'static str = $prefix;
            const ABOUT: &'static str = $about.trim_ascii_start();
            const FIELDS: &'static [$crate::config::section::Field<Self>] = &[$(
                $crate::config::section::Field {
                    key: $crate::config::keys::Key::new(
                        $crate::config::section::section!(@name $prefix $field $($key)?),
                        &$kind,
                        $crate::config::keys::Reload::$reload,
                        concat!($($doc),+),
                        [$($example,)? ""][0],
                    ),
                    read: |section, value| {
                        section.$field = $crate::config::kind::Holds::holding(($kind.read)(value)?);
                        Ok(())
                    },
                    show: |section| $crate::config::kind::Holds::held(&section.$field).and_then($kind.show),
                    is_same: |one, other| one.$field == other.$field,
                },
            )+];

            fn defaults() -> Self {
                $defaults
            }
        }
    };
}
pub(super) use section;
