//! Messages by hand: what the transport carries is bytes to it.
//!
//! Each file of tests uses a part of it.
#![allow(dead_code)]

pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

pub(crate) fn service_request() -> Vec<u8> {
    [&[5][..], &string(b"ssh-userauth")].concat()
}

pub(crate) fn request(user: &str, method: &str, rest: &[u8]) -> Vec<u8> {
    [
        &[50][..],
        &string(user.as_bytes()),
        &string(b"ssh-connection"),
        &string(method.as_bytes()),
        rest,
    ]
    .concat()
}
