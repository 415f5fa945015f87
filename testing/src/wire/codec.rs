//! Fields and messages: a message is the list of its fields, from which follow how it is read,
//! written and shown.

use alloc::vec::Vec;
use core::fmt;

use ssh_encoding::{Encode, Error, Reader as _, Writer};

use super::error::{DecodeError, DecodeReason};
use super::number;
use super::values::NameList;

/// The unread rest of a message.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    message: (u8, &'static str),
    field: &'static str,
    rest: &'a [u8],
    /// Whether the optional field is there.
    pub(super) is_there: bool,
}

impl<'a> Cursor<'a> {
    /// Starts in bytes without a message number.
    pub(super) const fn inside(rest: &'a [u8], message: (u8, &'static str)) -> Self {
        Self {
            message,
            field: number::FIELD,
            rest,
            is_there: false,
        }
    }

    /// Starts in a whole payload, with the number of this message.
    pub(super) fn open(
        payload: &'a [u8],
        message: (u8, &'static str),
    ) -> Result<Self, DecodeError> {
        match payload.split_first() {
            None => Err(DecodeError::new(
                message,
                number::FIELD,
                DecodeReason::Empty,
            )),
            Some((number, rest)) if *number == message.0 => Ok(Self::inside(rest, message)),
            Some((number, _)) => Err(wrong_number(*number)),
        }
    }

    pub(super) const fn error(&self, field: &'static str, reason: DecodeReason) -> DecodeError {
        DecodeError::new(self.message, field, reason)
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take_rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    pub(super) fn read<T: Field<'a>>(&mut self, field: &'static str) -> Result<T, DecodeError> {
        self.field = field;
        T::read(self, field)
    }

    /// A string that can have one value only.
    pub(super) fn constant(&mut self, field: &'static str, value: &str) -> Result<(), DecodeError> {
        match self.read::<&[u8]>(field)? == value.as_bytes() {
            true => Ok(()),
            false => Err(self.error(field, DecodeReason::WrongValue)),
        }
    }

    /// A count and as many entries. Nothing is allocated before the count is known to be possible.
    fn list<T>(
        &mut self,
        field: &'static str,
        smallest: usize,
        most: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = usize::try_from(self.read::<u32>(field)?).unwrap_or(usize::MAX);
        if count > most {
            return Err(self.error(field, DecodeReason::TooManyEntries));
        }
        if count.saturating_mul(smallest) > self.rest.len() {
            return Err(self.error(field, DecodeReason::CountPastEnd));
        }
        let mut entries = Vec::new();
        entries
            .try_reserve_exact(count)
            .map_err(|_| self.error(field, DecodeReason::TooManyEntries))?;
        for _ in 0..count {
            entries.push(read(self)?);
        }
        Ok(entries)
    }

    /// The end, which must be where the last field ended.
    pub(super) fn finish<T>(self, message: T) -> Result<T, DecodeError> {
        match self.rest.is_empty() {
            true => Ok(message),
            false => Err(self.error(self.field, DecodeReason::TrailingBytes)),
        }
    }
}

/// The refusal of a number, with the name of the message that it belongs to.
pub(super) const fn wrong_number(found: u8) -> DecodeError {
    let message = (found, number::name(found));
    DecodeError::new(message, number::FIELD, DecodeReason::WrongNumber)
}

/// One field of a message.
pub(super) trait Field<'a>: Sized {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError>;
    fn write(&self, to: &mut impl Writer) -> Result<(), Error>;
}

impl<'a> Field<'a> for u32 {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        let mut bytes = [0; 4];
        match from.rest.read(&mut bytes) {
            Ok(_) => Ok(Self::from_be_bytes(bytes)),
            Err(_) => Err(from.error(name, DecodeReason::Truncated)),
        }
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.encode(to)
    }
}

impl<'a> Field<'a> for u8 {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        let truncated = from.error(name, DecodeReason::Truncated);
        let (byte, rest) = from.rest.split_first().ok_or(truncated)?;
        from.rest = rest;
        Ok(*byte)
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.encode(to)
    }
}

/// RFC 4251 section 5: "All non-zero values MUST be interpreted as TRUE".
impl<'a> Field<'a> for bool {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        u8::read(from, name).map(|byte| byte != 0)
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.encode(to)
    }
}

impl<'a> Field<'a> for &'a [u8] {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        let reason = match from.rest.len() {
            0..=3 => DecodeReason::Truncated,
            _ => DecodeReason::LengthPastEnd,
        };
        let string = from.rest.read_prefixed(|string| Ok::<_, Error>(*string));
        string.map_err(|_| from.error(name, reason))
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.encode(to)
    }
}

/// Whether it is there is known from what was read before.
impl<'a> Field<'a> for Option<&'a [u8]> {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        from.is_there.then(|| from.read(name)).transpose()
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.map_or(Ok(()), |string| string.encode(to))
    }
}

impl<'a> Field<'a> for NameList<'a> {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        NameList::new(from.read(name)?).map_err(|reason| from.error(name, reason))
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.as_bytes().encode(to)
    }
}

/// The field is "number of responses", say; each entry is then a "response".
impl<'a> Field<'a> for Vec<&'a [u8]> {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        let each = name.trim_start_matches("number of ").trim_end_matches('s');
        from.list(name, 4, usize::MAX, |from| from.read(each))
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.len().encode(to)?;
        self.iter().try_for_each(|string| string.encode(to))
    }
}

/// An entry of a list that has fields of its own.
pub(super) trait Entry<'a>: Sized {
    /// The fewest bytes that one takes.
    const SMALLEST: usize;
    /// The longest list.
    const MOST: usize;

    fn read_fields(from: &mut Cursor<'a>) -> Result<Self, DecodeError>;
    fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error>;
}

impl<'a, T: Entry<'a>> Field<'a> for Vec<T> {
    fn read(from: &mut Cursor<'a>, name: &'static str) -> Result<Self, DecodeError> {
        from.list(name, T::SMALLEST, T::MOST, T::read_fields)
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        if self.len() > T::MOST {
            return Err(Error::Length);
        }
        self.len().encode(to)?;
        self.iter().try_for_each(|entry| entry.write_fields(to))
    }
}

/// The length of a message is counted while it is written to nowhere. RFC 4253 section 6: the
/// length of a whole packet is a `uint32`.
pub(super) fn counted(message: &impl Encode) -> Result<usize, Error> {
    struct Count(usize);

    impl Writer for Count {
        fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(())
        }
    }

    let mut count = Count(0);
    message.encode(&mut count)?;
    match u32::try_from(count.0) {
        Ok(total) if total < u32::MAX => Ok(count.0),
        _ => Err(Error::Length),
    }
}

/// How `Debug` shows bytes.
#[derive(Clone, Copy)]
pub(super) enum Show {
    /// As escaped text.
    Text,
    /// As their length: they may be secret, or long.
    Hidden,
}

/// A value as `Debug` shows it.
pub(super) trait Shown {
    fn shown(&self, how: Show) -> impl fmt::Debug + '_;
}

pub(super) struct Bytes<'a>(pub(super) &'a [u8], pub(super) Show);

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Show::Text => write!(f, "b\"{}\"", self.0.escape_ascii()),
            Show::Hidden => write!(f, "<{} bytes>", self.0.len()),
        }
    }
}

impl Shown for &[u8] {
    fn shown(&self, how: Show) -> impl fmt::Debug + '_ {
        Bytes(self, how)
    }
}

impl Shown for Option<&[u8]> {
    fn shown(&self, how: Show) -> impl fmt::Debug + '_ {
        self.map(|bytes| Bytes(bytes, how))
    }
}

impl Shown for Vec<&[u8]> {
    fn shown(&self, how: Show) -> impl fmt::Debug + '_ {
        let all = self.iter().map(|bytes| Bytes(bytes, how));
        all.collect::<Vec<_>>()
    }
}

/// A struct of fields, and its `Debug`. A field that is neither `text` nor `hidden` is `plain`.
macro_rules! shown_struct {
    (
        $(#[$doc:meta])* $name:ident<$life:lifetime> {
            $($(#[$field_doc:meta])* $field:ident: $type:ty, $how:ident;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[expect(clippy::exhaustive_structs, reason = "its RFC fixes these fields")]
        pub struct $name<$life> {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &$crate::wire::codec::show!($how, self.$field)))+
                    .finish()
            }
        }
    };
}

macro_rules! show {
    (plain, $value:expr) => {
        &$value
    };
    (text, $value:expr) => {
        $crate::wire::codec::Shown::shown(&$value, $crate::wire::codec::Show::Text)
    };
    (hidden, $value:expr) => {
        $crate::wire::codec::Shown::shown(&$value, $crate::wire::codec::Show::Hidden)
    };
}

/// A struct whose fields are on the wire in this order, with their names in errors.
macro_rules! fields {
    (
        $(#[$doc:meta])* $name:ident<$life:lifetime> {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $label:literal, $how:ident;)+
        }
    ) => {
        $crate::wire::codec::shown_struct! {
            $(#[$doc])* $name<$life> { $($(#[$field_doc])* $field: $type, $how;)+ }
        }

        impl<$life> $name<$life> {
            fn read_fields(
                from: &mut $crate::wire::codec::Cursor<$life>,
            ) -> Result<Self, $crate::wire::DecodeError> {
                Ok(Self { $($field: from.read($label)?,)+ })
            }

            fn write_fields(
                &self,
                to: &mut impl ssh_encoding::Writer,
            ) -> Result<(), ssh_encoding::Error> {
                $($crate::wire::codec::Field::write(&self.$field, to)?;)+
                Ok(())
            }
        }
    };
}

/// Gives a type with `read_fields` and `write_fields` a number, [`Encode`] and, unless it has its
/// own, `decode`. `method` is for messages that are read from a [`MethodMessage`], too.
///
/// [`MethodMessage`]: super::MethodMessage
macro_rules! numbered {
    ($life:lifetime, $type:ty, $number:ident, own) => {
        impl<$life> $type {
            pub(super) const NUMBER: u8 = $crate::wire::number::$number;
            const LABEL: (u8, &'static str) = (Self::NUMBER, stringify!($number));
        }

        impl<$life> ssh_encoding::Encode for $type {
            fn encoded_len(&self) -> Result<usize, ssh_encoding::Error> {
                $crate::wire::codec::counted(self)
            }

            fn encode(
                &self,
                writer: &mut impl ssh_encoding::Writer,
            ) -> Result<(), ssh_encoding::Error> {
                Self::NUMBER.encode(writer)?;
                self.write_fields(writer)
            }
        }
    };
    ($life:lifetime, $type:ty, $number:ident) => {
        $crate::wire::codec::numbered!($life, $type, $number, own);
        $crate::wire::codec::numbered!(@ decode, $life, $type);
    };
    ($life:lifetime, $type:ty, $number:ident, method) => {
        $crate::wire::codec::numbered!($life, $type, $number, own);
        $crate::wire::codec::numbered!(@ decode_payload, $life, $type);

        impl<$life> $type {
            /// Reads a message of the current method.
            ///
            /// # Errors
            /// If it has another number, a field that doesn't fit, or trailing bytes.
            pub fn decode(
                message: &$crate::wire::MethodMessage<$life>,
            ) -> Result<Self, $crate::wire::DecodeError> {
                if message.number() != Self::NUMBER {
                    return Err($crate::wire::codec::wrong_number(message.number()));
                }
                let mut from = $crate::wire::codec::Cursor::inside(message.body(), Self::LABEL);
                let this = Self::read_fields(&mut from)?;
                from.finish(this)
            }
        }
    };
    (@ $decode:ident, $life:lifetime, $type:ty) => {
        impl<$life> $type {
            /// Reads a whole payload.
            ///
            /// # Errors
            /// If it has another number, a field that doesn't fit, or trailing bytes.
            pub fn $decode(payload: &$life [u8]) -> Result<Self, $crate::wire::DecodeError> {
                let mut from = $crate::wire::codec::Cursor::open(payload, Self::LABEL)?;
                let this = Self::read_fields(&mut from)?;
                from.finish(this)
            }
        }
    };
}

pub(super) use {fields, numbered, show, shown_struct};
