//! Known packets as hexadecimal digits, by their names.
//!
//! Shared: `tests/wire_vectors` checks what the codec of `ssh-userauth-testing` makes of them, the
//! unit tests of `wire` compare the client's half with that codec, `tests/adversarial` sends them to
//! the client, and `tests/transcripts` compares its own lines with them.

// The prelude doesn't have it without `std`.
#![allow(clippy::std_instead_of_alloc, unused_imports)]

use std::vec::Vec;

macro_rules! vectors {
    ($( $(#[$doc:meta])* $name:ident = $digits:expr; )*) => {
    $(
        $(#[$doc])*
        // No test needs all of them.
        #[allow(dead_code)]
        pub(crate) fn $name() -> Vec<u8> {
            hex($digits)
        }
    )*

        /// All of them, by their names.
        #[allow(dead_code)]
        pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
            [$((stringify!($name), $name())),*].into()
        }
    };
}

vectors! {
    /// SERVICE_ACCEPT for `ssh-userauth`; without a name; for `ssh-connection`.
    service_accept = "060000000c7373682d7573657261757468";
    service_accept_bare = "06";
    service_accept_of_another = "060000000e7373682d636f6e6e656374696f6e";
    /// SUCCESS, and with a byte too many.
    success = "34";
    success_trailing = "3400";
    /// FAILURE: publickey; keyboard-interactive with partial success.
    failure = "33000000097075626c69636b657900";
    partial_success = "33000000146b6579626f6172642d696e74657261637469766501";
    /// INFO_REQUEST: 2^32-1 and 2^30-1 prompts announced; none; one hidden.
    info_request_max_count = "3c000000000000000000000000ffffffff";
    info_request_huge_count = "3c0000000000000000000000003fffffff";
    info_request_empty = "3c00000000000000000000000000000000";
    info_request_hidden = "3c000000000000000000000000000000010000000a50617373776f72643a2000";
    /// INFO_REQUEST: OSC 52 in the instruction, a screen wipe in the prompt.
    info_request_hostile = "3c00000000000000101b5d35323b633b634864755a57513d070000000000000001000000141b5b324a1b5b313b314850617373776f72643a2000";
    /// FAILURE: boolean 2; no boolean; an empty name; only a comma; NUL; lengths.
    failure_boolean_2 = "33000000097075626c69636b657902";
    failure_without_boolean = "33000000097075626c69636b6579";
    failure_empty_name = "33000000137075626c69636b65792c2c70617373776f726400";
    failure_comma = "33000000012c00";
    failure_nul = "330000000a7075626c6963006b657900";
    failure_list_past_end = "33ffffffff7075626c69636b6579";
    failure_empty_list = "330000000000";
    /// EXT_INFO: 2^32-1 entries; two announced and one there.
    ext_info_max_count = "07ffffffff";
    ext_info_entry_missing = "07000000020000000f7365727665722d7369672d616c67730000000b7373682d65643235353139";
    /// EXT_INFO: rsa-sha2-512, rsa-sha2-256, ssh-ed25519; a list with NUL.
    sig_algs = "07000000010000000f7365727665722d7369672d616c6773000000257273612d736861322d3531322c7273612d736861322d3235362c7373682d65643235353139";
    sig_algs_nul = "07000000010000000f7365727665722d7369672d616c6773000000147373682d65643235353139002c7373682d727361";
    /// BANNER: window title and screen wipe; a stray NUL; no language; a length beyond the end.
    banner_hostile = "3500000026417574686f72697a656420616363657373206f6e6c790d0a1b5d303b70776e6564071b5b324a00000000";
    banner_stray_nul = "350000000268690000000000";
    banner_bare = "35000000026869";
    banner_past_end = "35fffffff06869";
    /// The data under a signature of key A: plain, bound to the host key.
    publickey_data = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e000000097075626c69636b6579010000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    host_bound_data = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e000000237075626c69636b65792d686f7374626f756e642d763030406f70656e7373682e636f6d010000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000000330000000b7373682d6564323535313900000020cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
    /// GSSAPI_RESPONSE with Kerberos 5; the data under its MIC.
    gssapi_response = "3c0000000b06092a864886f712010202";
    gssapi_mic_data = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e0000000f6773736170692d776974682d6d6963";
    /// The query of key A, and PK_OK for keys A and B.
    query_a = "3200000001750000000e7373682d636f6e6e656374696f6e000000097075626c69636b6579000000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    pk_ok_a = "3c0000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    pk_ok_b = "3c0000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    /// PASSWD_CHANGEREQ "expired".
    change_request = "3c000000076578706972656400000000";
    /// EXT_INFO that announces host-bound signatures.
    host_bound_announced = "07000000010000001f7075626c69636b65792d686f7374626f756e64406f70656e7373682e636f6d0000000130";
    /// INFO_REQUEST: a prompt without echo byte; two announced, one there; a byte too many.
    info_request_no_echo = "3c00000000000000000000000000000001000000034f5450";
    info_request_prompt_missing = "3c000000000000000000000000000000020000000a50617373776f72643a2000";
    info_request_trailing = "3c0000000000000000000000000000000000";
    /// The password request for `secret`.
    password_request = "3200000001750000000e7373682d636f6e6e656374696f6e0000000870617373776f72640000000006736563726574";
}

pub(crate) fn hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "odd number of digits");
    let pairs = digits.as_bytes().chunks(2);
    let pair = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(pair).collect()
}
