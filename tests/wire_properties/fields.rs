//! Lists, blobs and names within the messages.

use proptest::collection::vec;
use proptest::prelude::*;
use ssh_userauth_testing::wire::{
    InfoRequest, InfoResponse, NameList, ObjectIdentifier, encode_exact, split_signature,
};

use crate::parts::{parts, string};

proptest! {
    /// Vectors are never larger than the bytes that were really there allow, whatever a count says.
    #[test]
    fn memory_is_bounded_by_the_packet(parts in parts(), count in any::<u32>()) {
        let prompts = InfoRequest {
            name: b"", instruction: b"", language: b"", prompts: parts.prompts(),
        };
        let mut bytes = encode_exact(&prompts).unwrap();
        bytes[13..17].copy_from_slice(&count.to_be_bytes());
        if let Ok(request) = InfoRequest::decode_payload(&bytes) {
            prop_assert!(request.prompts.capacity() * 5 <= bytes.len());
        }
        let mut bytes = encode_exact(&InfoResponse { responses: parts.firsts() }).unwrap();
        bytes[1..5].copy_from_slice(&count.to_be_bytes());
        if let Ok(response) = InfoResponse::decode_payload(&bytes) {
            prop_assert!(response.responses.capacity() * 4 <= bytes.len());
        }
    }

    #[test]
    fn name_lists(names in vec("[a-z@.-]{1,70}|[\\PC&&[^,]]{0,5}", 0..8)) {
        let text = names.join(",");
        let list = NameList::try_from(text.as_str()).unwrap();
        let not_empty = names.iter().filter(|name| !name.is_empty());
        prop_assert!(list.iter().eq(not_empty.map(String::as_bytes)));
        prop_assert_eq!(list.is_empty(), list.iter().next().is_none());
        prop_assert_eq!(list.as_bytes(), text.as_bytes());
        let is_empty_inside = !text.is_empty() && names.iter().any(String::is_empty);
        prop_assert_eq!(list.has_empty_names(), is_empty_inside);
        for name in &names {
            let is_graphic = name.bytes().all(|byte| byte.is_ascii_graphic());
            let allowed = (1..=64).contains(&name.len()) && is_graphic;
            prop_assert_eq!(list.contains(name), allowed, "{}", name);
        }
    }

    #[test]
    fn signature_blobs_lose_nothing(algorithm in string(), rest in string()) {
        let mut blob = encode_exact(&algorithm).unwrap();
        blob.extend(&rest);
        prop_assert_eq!(split_signature(&blob), Ok((algorithm.as_slice(), rest.as_slice())));
    }

    #[test]
    fn object_identifiers_have_the_length_they_say(
        content in vec(any::<u8>(), 0..140),
        tag in 5_u8..8,
        off in -1_i32..2,
    ) {
        let length = i32::try_from(content.len()).unwrap() + off;
        prop_assume!((0..256).contains(&length));
        let mut der = vec![tag, u8::try_from(length).unwrap()];
        der.extend(&content);
        let good = tag == 6 && off == 0 && (1..128).contains(&content.len());
        prop_assert_eq!(ObjectIdentifier::from_der(&der).is_ok(), good);
    }
}
