//! Reading fields from a borrowed payload. Nothing here adds lengths, so nothing can overflow.

use super::error::{DecodeError, DecodeReason, Label};
use super::name_list::NameList;

/// The unread rest of one message.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    label: Label,
    rest: &'a [u8],
    field: &'static str,
}

impl<'a> Cursor<'a> {
    /// Starts in bytes that have no message number (any more).
    pub(super) const fn inside(rest: &'a [u8], label: Label) -> Self {
        Self {
            label,
            rest,
            field: "message number",
        }
    }

    /// Starts in a whole payload, whose number must be the label's.
    pub(super) fn open(payload: &'a [u8], label: Label) -> Result<Self, DecodeError> {
        let field = "message number";
        match payload.split_first() {
            None => Err(DecodeError::new(label, field, DecodeReason::Empty)),
            Some((&number, rest)) if number == label.number => Ok(Self::inside(rest, label)),
            Some((&number, _)) => Err(wrong_number(number)),
        }
    }

    pub(super) const fn error(&self, field: &'static str, reason: DecodeReason) -> DecodeError {
        DecodeError::new(self.label, field, reason)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        self.field = field;
        let Some((bytes, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.error(field, DecodeReason::Truncated));
        };
        self.rest = rest;
        Ok(*bytes)
    }

    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        let [byte] = self.fixed(field)?;
        Ok(byte)
    }

    /// RFC 4251 section 5: "All non-zero values MUST be interpreted as TRUE".
    pub(super) fn boolean(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        Ok(self.byte(field)? != 0)
    }

    pub(super) fn uint32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.fixed(field).map(u32::from_be_bytes)
    }

    pub(super) fn string(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let length = self.uint32(field)?;
        let (string, rest) = usize::try_from(length)
            .ok()
            .and_then(|length| self.rest.split_at_checked(length))
            .ok_or_else(|| self.error(field, DecodeReason::LengthPastEnd))?;
        self.rest = rest;
        Ok(string)
    }

    /// A count of entries, at most `most`, and no more than the rest can hold if each entry takes
    /// at least `smallest` bytes.
    pub(super) fn count(
        &mut self,
        field: &'static str,
        smallest: usize,
        most: usize,
    ) -> Result<usize, DecodeError> {
        let count = usize::try_from(self.uint32(field)?).unwrap_or(usize::MAX);
        if count > most {
            return Err(self.error(field, DecodeReason::TooManyEntries));
        }
        if count > self.rest.len().checked_div(smallest).unwrap_or(0) {
            return Err(self.error(field, DecodeReason::CountPastEnd));
        }
        Ok(count)
    }

    pub(super) fn name_list(&mut self, field: &'static str) -> Result<NameList<'a>, DecodeError> {
        let bytes = self.string(field)?;
        NameList::new(bytes).map_err(|reason| self.error(field, reason))
    }

    /// The end, which must be where the last field ended.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(self.field, DecodeReason::TrailingBytes))
        }
    }
}

/// The refusal of a number, named after what was found.
pub(super) const fn wrong_number(found: u8) -> DecodeError {
    DecodeError::new(
        Label::numbered(found),
        "message number",
        DecodeReason::WrongNumber,
    )
}
