//! EXT_INFO, and the two extensions that matter here.

use ssh_encoding::Encode;
use ssh_userauth_testing::wire::{
    DecodeReason, ExtInfo, Extension, PUBLICKEY_HOSTBOUND, SERVER_SIG_ALGS, ServerMessage,
    encode_exact,
};

use crate::packets::{
    ext_info_entry_missing, ext_info_max_count, hex, host_bound_announced, sig_algs, sig_algs_nul,
};
use crate::{encoded, list, refused, server};

#[test]
fn extensions_that_are_not_there() {
    refused(
        ServerMessage::decode(&ext_info_max_count()),
        "number of extensions",
        DecodeReason::TooManyEntries,
    );
    refused(
        ServerMessage::decode(&hex("0700000400")),
        "number of extensions",
        DecodeReason::TooManyEntries,
    );
    refused(
        ServerMessage::decode(&hex("07000003ff")),
        "number of extensions",
        DecodeReason::CountPastEnd,
    );
    refused(
        ServerMessage::decode(&ext_info_entry_missing()),
        "extension name",
        DecodeReason::Truncated,
    );
}

#[test]
fn as_many_extensions_as_allowed() {
    let entry = Extension {
        name: b"",
        value: b"",
    };
    let most = ExtInfo {
        entries: vec![entry; 1023],
    };
    let bytes = encoded(&most);
    assert_eq!(ExtInfo::decode(&bytes), Ok(most));

    let too_many = ExtInfo {
        entries: vec![entry; 1024],
    };
    assert_eq!(too_many.encoded_len(), Err(ssh_encoding::Error::Length));
    assert_eq!(encode_exact(&too_many), Err(ssh_encoding::Error::Length));
    let mut bytes = hex("0700000400");
    bytes.resize(5 + 1024 * 8, 0);
    refused(
        ExtInfo::decode(&bytes),
        "number of extensions",
        DecodeReason::TooManyEntries,
    );
}

#[test]
fn server_sig_algs_are_decoded() {
    let algorithms = "rsa-sha2-512,rsa-sha2-256,ssh-ed25519";
    let info = ExtInfo {
        entries: vec![Extension {
            name: SERVER_SIG_ALGS.as_bytes(),
            value: algorithms.as_bytes(),
        }],
    };
    assert_eq!(info.server_sig_algs(), Ok(Some(list(algorithms))));
    assert_eq!(info.get(PUBLICKEY_HOSTBOUND), None);
    server(&sig_algs(), &ServerMessage::ExtInfo(info));
}

#[test]
fn nul_in_server_sig_algs() {
    let bytes = sig_algs_nul();
    let info = ExtInfo::decode(&bytes).unwrap();
    refused(
        info.server_sig_algs(),
        SERVER_SIG_ALGS,
        DecodeReason::NulInNameList,
    );
    assert_eq!(encoded(&info), bytes);
}

#[test]
fn host_bound_is_offered() {
    let info = ExtInfo {
        entries: vec![Extension {
            name: PUBLICKEY_HOSTBOUND.as_bytes(),
            value: b"0",
        }],
    };
    assert_eq!(info.get(PUBLICKEY_HOSTBOUND), Some(b"0".as_slice()));
    assert_eq!(info.server_sig_algs(), Ok(None));
    server(&host_bound_announced(), &ServerMessage::ExtInfo(info));
}
