//! A transcript as a script of the target `conversation`.

use crate::{ORDERS, bits, digit};

#[derive(Default)]
struct Head {
    /// Order, policy, host-bound, limits, connection, EXT_INFO, login, variation.
    digits: [usize; 8],
    /// What has no digit of its own.
    also: String,
    flags: usize,
    quirks: usize,
    last_quirk_and_fallback: usize,
    one_by_one: bool,
}

pub(crate) fn script(transcript: &str) -> String {
    let mut head = Head::default();
    let mut body = String::new();
    for line in transcript.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["config" | "session", ..] => head.read(&words),
            ["S", ..] => body += &server(&words[1..]),
            ["!", ..] => body += &caller(&words[1..]),
            _ => {}
        }
    }
    let digits: String = head.digits.iter().map(|value| digit(*value)).collect();
    let mut script = format!("{digits} {}", head.also);
    for (which, value) in [
        (4, head.flags),
        (5, head.quirks),
        (6, head.last_quirk_and_fallback),
    ] {
        if value != 0 {
            script += &format!("p{which}{} ", digit(value));
        }
    }
    if !head.one_by_one && !head.also.contains("p0") {
        script += "p03 ";
    }
    script + &body
}

impl Head {
    fn read(&mut self, words: &[&str]) {
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok());
        let [_, key, ..] = words else { return };
        let value = words.get(2).copied().unwrap_or_default();
        match (*key, value) {
            ("methods", order) => self.order(order),
            ("discovery", "skip") => self.digits[1] |= 1,
            ("trivial", "reject") => self.digits[1] |= 2,
            ("sha1", "allow") => self.digits[1] |= 4,
            ("host-bound", "never") => self.digits[2] |= 1,
            ("host-bound", "require") => self.digits[2] |= 2,
            ("host-key", _) => self.digits[2] |= 4,
            ("limit", _) => self.digits[3] = 1,
            ("unencrypted", _) => self.digits[4] |= 1,
            ("service", "sent") => self.digits[4] |= 2,
            ("service", "accepted") => self.digits[4] |= 4,
            ("ext-info", _) => self.digits[5] = 5,
            ("pipelining", "off") => self.one_by_one = true,
            ("pipelining", _) => self.add(0, number(3).unwrap_or(3)),
            ("early-password", "in-opening") => self.add(1, 1),
            ("early-password", "behind-signature") => self.add(1, 2),
            ("budget", _) => {
                self.add(2, number(2).unwrap_or(6));
                self.add(3, number(3).unwrap_or(1));
            }
            ("tries", "shared") => self.flags |= 1,
            ("bridge", "hidden-single-prompt-once") => self.flags |= 2,
            ("choice", "ask") => self.flags |= 4,
            ("gssapi-key-exchange", _) => self.flags |= 8,
            ("quirk", "unlisted-rsa-sha2") => self.quirks |= 1,
            ("quirk", "rsa-certificates-by-type") => self.quirks |= 2,
            ("quirk", "bare-session-id") => self.quirks |= 4,
            ("quirk", "swallows-after-dialogue") => self.quirks |= 8,
            ("quirk", "refuses-left-dialogues") => self.last_quirk_and_fallback |= 1,
            ("hash-fallback", "after-signature") => self.last_quirk_and_fallback |= 2,
            ("hash-fallback", "after-any-refusal") => self.last_quirk_and_fallback |= 4,
            ("client-host", _) => self.add(7, words.len().saturating_sub(4).min(3)),
            ("gssapi-mechanisms", _) => self.add(8, if words.len() > 3 { 3 } else { 1 }),
            ("signature-algorithms", _) => self.add(10, 1),
            ("version", _) => self.add(11, 0),
            _ => {}
        }
    }

    fn add(&mut self, which: usize, value: usize) {
        self.also += &format!("p{}{} ", digit(which), digit(value));
    }

    fn order(&mut self, order: &str) {
        if let Some(known) = ORDERS.iter().position(|known| *known == order) {
            self.digits[0] = known;
            return;
        }
        let has = |method: &str| order.contains(method);
        self.add(
            9,
            match order {
                _ if has("hostbased") && has("publickey") => 0,
                _ if has("gssapi-keyex") && has("with-mic") => 2,
                _ if has("gssapi-keyex") => 13,
                _ if has("gssapi-with-mic") && has("password") => 1,
                _ if has("gssapi-with-mic") => 8,
                _ if has("hostbased") => 7,
                _ if has("@") && has("password") => 3,
                _ if has("@") => 6,
                _ => 4,
            },
        );
    }
}

fn server(words: &[&str]) -> String {
    let list = |flags: usize| {
        let usual = ["publickey", "password", "keyboard-interactive", "none"];
        let more = [
            "hostbased",
            "gssapi-with-mic",
            "gssapi-keyex",
            "own@example.org",
        ];
        let usual = digit(bits(words.get(1), &usual));
        format!("o{usual}{}{flags} ", digit(bits(words.get(1), &more)))
    };
    let prompts = words.iter().filter(|word| word.starts_with("prompt-"));
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u8>().ok());
    match words.first().copied().unwrap_or_default() {
        "service-accept" => "a0 ".into(),
        "failure" => list(0),
        "partial" => list(1),
        "success" => "s ".into(),
        "pk-ok" => "k0 ".into(),
        "banner" => "b1 ".into(),
        "ext-info" => "e3 ".into(),
        "change-request" => "h2 ".into(),
        "info-request" => format!("i{}2 ", digit(prompts.count())),
        "gssapi-response" => "j0 ".into(),
        "gssapi-token" => "j3 ".into(),
        "gssapi-error" => "j5 ".into(),
        "gssapi-errtok" => "j6 ".into(),
        "method-message" => {
            let number = number(1).unwrap_or(60).saturating_sub(60);
            format!("m{}\0", char::from(number))
        }
        "disconnect" => "q2 ".into(),
        "close" => "q3 ".into(),
        "unimplemented" => "q1 ".into(),
        _ => String::new(),
    }
}

fn caller(words: &[&str]) -> String {
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<usize>().ok());
    match words {
        ["offer", keys @ ..] => format!("y{}0 ", digit(keys.len().clamp(1, 3) - 1)),
        ["offer-unprobed", ..] => "y40 ".into(),
        ["none-left", ..] => "y30 ".into(),
        ["established", "integrity", ..] | ["silence", ..] => "y10 ".into(),
        ["established", ..] => "y20 ".into(),
        ["message", ..] => format!("y0{} ", digit(number(1).unwrap_or(60).saturating_sub(58))),
        ["sign-as", ..] => "y11 ".into(),
        ["sign-malformed", ..] => "y21 ".into(),
        ["decline", ..] => "d ".into(),
        ["cancel", ..] => "c ".into(),
        ["abandon", ..] => "q3 ".into(),
        ["decline-pending", ..] => "w ".into(),
        ["one-by-one", ..] => "q0 ".into(),
        ["late", ..] => "u000 ".into(),
        _ => "y00 ".into(),
    }
}
