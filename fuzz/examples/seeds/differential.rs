//! A transcript as a script of the target `differential`; none where its model does not know the
//! methods.

use crate::{ORDERS, bits, digit};

pub(crate) fn script(transcript: &str) -> Option<String> {
    // Order, flags, budget, requests, tries, rounds, partial successes, identities.
    let mut digits = [0; 8];
    let mut body = String::new();
    let mut keys = 0;
    for line in transcript.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["config", "methods", order] => {
                digits[0] = ORDERS.iter().position(|known| *known == order)?;
            }
            ["config", "discovery", "skip"] => digits[1] |= 1,
            ["config", "trivial", "reject"] => digits[1] |= 2,
            ["session", "unencrypted", ..] => digits[1] |= 4,
            ["session", "service", "accepted"] => digits[1] |= 8,
            ["config", "budget", refusals, reserve] => {
                let few = refusals.parse::<usize>().ok().filter(|few| *few < 8);
                let reserve = reserve.parse::<usize>().unwrap_or(1).min(3);
                digits[2] = few.map_or(4 + reserve, |few| 8 + few);
            }
            ["config", "limit", field, number] => {
                let number = number.parse::<usize>().ok().filter(|number| *number < 15);
                let at = match field {
                    "max_requests" => 3,
                    "max_password_tries" | "max_keyboard_interactive_tries" => 4,
                    "max_rounds" | "max_password_changes" => 5,
                    "max_partial_successes" => 6,
                    "max_identities" => 7,
                    _ => continue,
                };
                digits[at] = number.map_or(0, |number| number + 1);
            }
            ["S", ..] => body += &server(&words[1..])?,
            ["!", "offer", ..] => {
                let count = (words.len() - 2).min(3);
                body += &format!("O{}{count}0 ", digit(keys));
                keys += count;
            }
            ["!", "offer-unprobed", ..] => {
                body += &format!("O{}11 ", digit(keys));
                keys += 1;
            }
            ["!", "decline", ..] => body += "D ",
            ["!", "cancel" | "abandon", ..] => body += "C ",
            ["!", "decline-pending", ..] => body += "W ",
            ["!", "one-by-one", ..] => body += "P ",
            ["!", ..] => body += "Y ",
            _ => {}
        }
    }
    let digits: String = digits.iter().map(|value| digit(*value)).collect();
    Some(format!("{digits} {body}"))
}

fn server(words: &[&str]) -> Option<String> {
    let usual = ["publickey", "password", "keyboard-interactive"];
    let list = |flag: usize| format!("F{}{flag} ", digit(bits(words.get(1), &usual)));
    let prompts = words.iter().filter(|word| word.starts_with("prompt-"));
    Some(match words.first().copied().unwrap_or_default() {
        "service-accept" => "A ".into(),
        "failure" => list(0),
        "partial" => list(1),
        "success" => "S ".into(),
        "pk-ok" => "K0 ".into(),
        "banner" => "B ".into(),
        "change-request" => "H ".into(),
        "info-request" => format!("I{} ", digit(prompts.count().min(3))),
        "disconnect" | "close" => "Q ".into(),
        "unimplemented" => "T ".into(),
        "gssapi-response" | "gssapi-token" | "gssapi-error" | "gssapi-errtok"
        | "method-message" => {
            return None;
        }
        _ => String::new(),
    })
}
