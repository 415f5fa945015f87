//! Promise: whatever the text,
//! - reading it as a transcript never panics, and an error says a line of the text and why;
//! - what was read is printed, and what was printed is read as the same;
//! - running it never panics, in `play` and in `check`;
//! - what was played is a transcript that holds: it checks, playing it again changes nothing, and
//!   it is read from its own print.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ssh_userauth_testing::Transcript;

/// A line that is repeated more often takes too long to be worth it.
const MOST_DIGITS: usize = 3;

/// The names of the caller's own methods are leaked by the reader: `Method::Other` wants them
/// `'static`, as a program has them. The leak checker of `AddressSanitizer` asks for this function.
#[unsafe(no_mangle)]
pub extern "C" fn __lsan_is_turned_off() -> core::ffi::c_int {
    1
}

fuzz_target!(|text: &str| {
    let transcript: Transcript = match text.parse() {
        Ok(transcript) => transcript,
        Err(error) => {
            let error: ssh_userauth_testing::ParseError = error;
            assert!(
                (1..=text.lines().count()).contains(&error.line()),
                "{error}"
            );
            assert!(!error.reason().is_empty());
            return;
        }
    };
    let printed = reread(&transcript);
    if takes_long(&printed) {
        return;
    }
    let _as_it_may_be = transcript.check();
    let Ok(played) = transcript.play() else {
        return;
    };
    if let Err(mismatch) = played.check() {
        panic!("{mismatch}");
    }
    assert_eq!(played.play().as_ref(), Ok(&played));
    reread(&played);
});

/// Prints it, and reads that again.
fn reread(transcript: &Transcript) -> String {
    let printed = transcript.to_string();
    match printed.parse::<Transcript>() {
        Ok(again) => assert_eq!(again, *transcript, "{printed}"),
        Err(error) => panic!("{error}\n{printed}"),
    }
    printed
}

fn takes_long(printed: &str) -> bool {
    let words: Vec<&str> = printed.split_whitespace().collect();
    let mut pairs = words.windows(2);
    pairs.any(|pair| pair[0] == "times" && pair[1].len() > MOST_DIGITS)
}
