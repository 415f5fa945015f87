//! What both packet targets promise: what is accepted is encoded as it was.

use core::fmt::Debug;

use ssh_encoding::Encode;
use ssh_userauth_testing::wire::{Banner, DecodeError, encode_exact};

/// Checks what came of decoding `payload`, and gives it back.
pub(crate) fn check<T: Encode + Debug>(
    payload: &[u8],
    decoded: Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    match &decoded {
        Ok(message) => {
            let encoded = encode_exact(message).expect("what was decoded can be encoded");
            assert_eq!(message.encoded_len().ok(), Some(encoded.len()));
            // The one message whose end is read leniently.
            if Banner::decode(payload).is_err() {
                assert_same(payload, &encoded);
            }
            let _shown = format!("{message:?}");
        }
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(shown.is_ascii() && !shown.contains(|c: char| c.is_control()));
        }
    }
    decoded
}

/// The same bytes, except that any boolean above 1 is written as 1 (RFC 4251 section 5).
pub(crate) fn assert_same(payload: &[u8], encoded: &[u8]) {
    assert_eq!(payload.len(), encoded.len());
    for (read, written) in payload.iter().zip(encoded) {
        assert!(
            read == written || (*read > 1 && *written == 1),
            "{payload:02x?}\nbecame {encoded:02x?}"
        );
    }
}
