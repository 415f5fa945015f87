//! How many banners came, and how many of them are passed on.

use crate::config::{HARD_MAX_BANNERS, Limits};
use crate::error::ProtocolErrorKind;
use crate::notice::Notice;
use crate::text::ServerText;
use crate::wire::Banner;

/// A server may send banners at any time before success (RFC 4252 section 5.4), and nothing says
/// how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Banners {
    packets: u32,
    bytes: u32,
    /// A limit was reached, and the caller was told.
    are_dropped: bool,
}

impl Banners {
    /// What to tell the caller about one more banner.
    pub(crate) fn take(
        &mut self,
        banner: &Banner<'_>,
        limits: &Limits,
    ) -> Result<Option<Notice>, ProtocolErrorKind> {
        if self.packets >= HARD_MAX_BANNERS {
            return Err(ProtocolErrorKind::TooManyBanners {
                limit: HARD_MAX_BANNERS,
            });
        }
        self.packets += 1;
        let length = banner.message.len().saturating_add(banner.language.len());
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let bytes = self.bytes.saturating_add(length);
        if self.are_dropped {
            return Ok(None);
        }
        let too_long = usize::try_from(bytes).is_ok_and(|bytes| bytes > limits.max_banner_bytes);
        if self.packets > limits.max_banners || too_long {
            self.are_dropped = true;
            return Ok(Some(Notice::BannersDropped));
        }
        self.bytes = bytes;
        Ok(Some(Notice::Banner {
            message: ServerText::new(banner.message),
            language: ServerText::new(banner.language),
        }))
    }
}
