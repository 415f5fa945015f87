//! Packets of a server, good and hostile.

/// `string` (RFC 4251 section 5).
pub fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes()[..], bytes].concat()
}

/// A message of strings.
pub fn packet(number: u8, strings: &[&[u8]]) -> Vec<u8> {
    let mut packet = vec![number];
    for part in strings {
        packet.extend(string(part));
    }
    packet
}

pub fn failure(list: &[u8], partial: bool) -> Vec<u8> {
    let mut packet = packet(51, &[list]);
    packet.push(partial.into());
    packet
}

pub fn success() -> Vec<u8> {
    vec![52]
}

pub fn banner(text: &[u8], language: &[u8]) -> Vec<u8> {
    packet(53, &[text, language])
}

/// INFO_REQUEST that announces `count` prompts and has these bytes behind.
pub fn info_request(text: &[u8], count: u32, prompts: &[u8]) -> Vec<u8> {
    let mut packet = packet(60, &[text, text, text]);
    packet.extend(count.to_be_bytes());
    packet.extend(prompts);
    packet
}

/// INFO_REQUEST with so many hidden prompts of this text.
pub fn prompts(count: u32, text: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.extend(string(text));
        all.push(0);
    }
    info_request(b"", count, &all)
}

pub fn change_request(prompt: &[u8]) -> Vec<u8> {
    packet(60, &[prompt, b""])
}

pub fn ext_info(entries: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut packet = vec![7];
    packet.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
    for (name, value) in entries {
        packet.extend(string(name));
        packet.extend(string(value));
    }
    packet
}

pub fn sig_algs(list: &[u8]) -> Vec<u8> {
    ext_info(&[(b"server-sig-algs", list)])
}

pub const KERBEROS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

pub fn gssapi_error(text: &[u8]) -> Vec<u8> {
    let mut packet = vec![64, 0, 0, 0, 1, 0, 0, 0, 2];
    packet.extend(string(text));
    packet.extend(string(b""));
    packet
}
