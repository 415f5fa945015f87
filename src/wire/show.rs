//! How bytes of a message are shown by `Debug`: text escaped, everything that may be secret or long
//! as its length.

use core::fmt;

/// Text of the peer; escaped, so that it can't reach a terminal as it is.
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Bytes of which only the length is shown.
pub(super) struct Hidden<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

/// Several strings of which only the lengths are shown.
pub(super) struct AllHidden<'a>(pub(super) &'a [&'a [u8]]);

impl fmt::Debug for AllHidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|bytes| Hidden(bytes)))
            .finish()
    }
}

/// Implements `Debug` for a struct, field by field, each as [`Text`], as [`Hidden`] or as `plain`.
macro_rules! debug_fields {
    ($type:ident { $($field:ident: $how:ident),+ $(,)? }) => {
        impl core::fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($type))
                    $(.field(
                        stringify!($field),
                        &$crate::wire::show::debug_fields!(@ $how self.$field),
                    ))+
                    .finish()
            }
        }
    };
    (@ text $value:expr) => { $crate::wire::show::Text($value) };
    (@ hidden $value:expr) => { $crate::wire::show::Hidden($value) };
    (@ all_hidden $value:expr) => { $crate::wire::show::AllHidden(&$value) };
    (@ maybe_text $value:expr) => { $value.map($crate::wire::show::Text) };
    (@ maybe_hidden $value:expr) => { $value.map($crate::wire::show::Hidden) };
    (@ plain $value:expr) => { $value };
    (@ plain_ref $value:expr) => { &$value };
}

/// As [`debug_fields`], for an enum whose variants have named fields or none.
macro_rules! debug_variants {
    ($type:ident { $($variant:ident { $($field:ident: $how:ident),* $(,)? }),+ $(,)? }) => {
        impl core::fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    $(Self::$variant { $($field),* } => f
                        .debug_struct(stringify!($variant))
                        $(.field(
                            stringify!($field),
                            &$crate::wire::show::debug_fields!(@ $how $field),
                        ))*
                        .finish(),)+
                }
            }
        }
    };
}

pub(super) use {debug_fields, debug_variants};
