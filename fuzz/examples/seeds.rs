//! Makes seeds and a dictionary for the fuzzer out of the transcripts in `tests/transcripts`:
//!
//! ```sh
//! cargo run --manifest-path fuzz/Cargo.toml --example seeds
//! ```
//!
//! - `fuzz/corpus/transcript/`: the transcripts;
//! - `fuzz/corpus/conversation/` and `fuzz/corpus/differential/`: the same conversations as
//!   scripts, as far as the scripts have words for them;
//! - `fuzz/corpus/transcript.dict`: the words of the transcripts.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

#[path = "seeds/conversation.rs"]
mod conversation;
#[path = "seeds/differential.rs"]
mod differential;

/// The orders that have a digit of their own, and those behind `p9`.
pub(crate) const ORDERS: [&str; 16] = [
    "publickey,keyboard-interactive,password",
    "publickey",
    "password",
    "keyboard-interactive",
    "none",
    "",
    "password,publickey",
    "password,keyboard-interactive,publickey",
    "none,publickey,password",
    "publickey,none",
    "keyboard-interactive,password",
    "keyboard-interactive,publickey",
    "publickey,password",
    "publickey,password,keyboard-interactive,none",
    "password,none",
    "publickey,keyboard-interactive",
];

fn main() -> io::Result<()> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = |target: &str| fuzz.join("corpus").join(target);
    for target in ["transcript", "conversation", "differential"] {
        fs::create_dir_all(corpus(target))?;
    }
    let mut words = BTreeSet::new();
    let mut transcripts = 0;
    for entry in fs::read_dir(fuzz.join("../tests/transcripts"))? {
        let path = entry?.path();
        let (Some("txt"), Some(name)) = (
            path.extension().and_then(|extension| extension.to_str()),
            path.file_stem(),
        ) else {
            continue;
        };
        let text = fs::read_to_string(&path)?;
        transcripts += 1;
        words.extend(words_of(&text).map(str::to_owned));
        fs::write(corpus("transcript").join(name), &text)?;
        fs::write(
            corpus("conversation").join(name),
            conversation::script(&text),
        )?;
        if let Some(script) = differential::script(&text) {
            fs::write(corpus("differential").join(name), script)?;
        }
    }
    let lines = words.iter().map(|word| format!("\"{word}\"\n"));
    fs::write(
        fuzz.join("corpus/transcript.dict"),
        lines.collect::<String>(),
    )?;
    println!("{transcripts} transcripts, {} words", words.len());
    Ok(())
}

/// The words of the grammar, and names.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words = lines.flat_map(str::split_whitespace);
    words.filter(|word| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_@.,:*?!=>".contains(&byte);
        word.len() <= 40 && word.bytes().all(is_plain)
    })
}

/// A digit of a script: 10 to 15 are the characters behind `9`.
fn digit(value: usize) -> char {
    char::from(b'0' + u8::try_from(value.min(15)).unwrap_or(15))
}

/// The methods of a list as bits, by their places among these names.
fn bits(list: Option<&&str>, names: &[&str]) -> usize {
    let listed = list.copied().unwrap_or_default().split(',');
    let places = listed.filter_map(|name| names.iter().position(|own| *own == name));
    places.fold(0, |bits, place| bits | 1 << place)
}
