//! EXT_INFO, and the two extensions that matter here.

use ssh_encoding::Encode;
use ssh_userauth_testing::wire::{
    DecodeReason, ExtInfo, Extension, PUBLICKEY_HOSTBOUND, SERVER_SIG_ALGS, ServerMessage,
    encode_exact,
};

use crate::packets::{hex, v16, v16_short, v17, v18, v29};
use crate::{encoded, list, refused, server};

#[test]
fn v16_extensions_that_are_not_there() {
    refused(
        ServerMessage::decode(&v16()),
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
        ServerMessage::decode(&v16_short()),
        "extension name",
        DecodeReason::Truncated,
    );
}

#[test]
fn v16_as_many_extensions_as_allowed() {
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
fn v17_server_sig_algs() {
    let algorithms = "rsa-sha2-512,rsa-sha2-256,ssh-ed25519";
    let info = ExtInfo {
        entries: vec![Extension {
            name: SERVER_SIG_ALGS.as_bytes(),
            value: algorithms.as_bytes(),
        }],
    };
    assert_eq!(info.server_sig_algs(), Ok(Some(list(algorithms))));
    assert_eq!(info.get(PUBLICKEY_HOSTBOUND), None);
    server(&v17(), &ServerMessage::ExtInfo(info));
}

#[test]
fn v18_nul_in_server_sig_algs() {
    let bytes = v18();
    let info = ExtInfo::decode(&bytes).unwrap();
    refused(
        info.server_sig_algs(),
        SERVER_SIG_ALGS,
        DecodeReason::NulInNameList,
    );
    assert_eq!(encoded(&info), bytes);
}

#[test]
fn v29_host_bound_is_offered() {
    let info = ExtInfo {
        entries: vec![Extension {
            name: PUBLICKEY_HOSTBOUND.as_bytes(),
            value: b"0",
        }],
    };
    assert_eq!(info.get(PUBLICKEY_HOSTBOUND), Some(b"0".as_slice()));
    assert_eq!(info.server_sig_algs(), Ok(None));
    server(&v29(), &ServerMessage::ExtInfo(info));
}
