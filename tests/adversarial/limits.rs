//! Every number of `Limits`: it is enforced, it has a ceiling, and zero blocks no run.

use ssh_userauth::{
    Action, Config, ConfigError, Ending, Limits, Method, Notice, ProtocolErrorKind, Unavailable,
    UserAuthClient,
};

use crate::talk::{
    Talk, banner, failure, identity, key_a, key_b, pk_ok, prompts, rsa, session, sig_algs,
    signature, string, user,
};
use crate::traces::{self, KERBEROS};
use crate::vectors;

macro_rules! table {
    ($( $name:ident: $ceiling:expr, $bites:expr; )*) => {
        const NAMES: &[&str] = &[$( stringify!($name) ),*];

        /// This limit alone set to a value.
        fn only(name: &str, value: usize) -> Limits {
            let mut limits = Limits::default();
            match name {
                $( stringify!($name) => limits.$name = value.try_into().unwrap(), )*
                other => panic!("{other}"),
            }
            limits
        }

        #[test]
        fn no_limit_exceeds_its_ceiling() {
            $(
                let name = stringify!($name);
                let at = user().limits(only(name, $ceiling));
                assert!(UserAuthClient::new(at, session()).is_ok(), "{name}");
                let above = user().limits(only(name, $ceiling + 1));
                let error = UserAuthClient::new(above, session()).unwrap_err();
                let ceiling = $ceiling;
                assert_eq!(error, ConfigError::LimitAboveCeiling { name, ceiling });
            )*
        }

        #[test]
        fn every_limit_is_enforced() {
            $( $bites(|value| user().limits(only(stringify!($name), value))); )*
        }
    };
}

type With = fn(usize) -> Config;

table! {
    max_packet_bytes: 1 << 20, packet_bytes;
    max_prompts: 1024, prompts_in_a_round;
    max_rounds: 1024, rounds;
    max_password_tries: 64, password_tries;
    max_keyboard_interactive_tries: 64, keyboard_interactive_tries;
    max_other_tries: 64, other_tries;
    max_gssapi_tokens: 1024, gssapi_tokens;
    max_password_changes: 64, password_changes;
    max_requests: 1024, requests;
    max_identities: 65_536, identities;
    max_partial_successes: 64, partial_successes;
    max_banners: 1024, banners;
    max_banner_bytes: 1 << 20, banner_bytes;
    max_ext_info: 8, ext_infos;
    max_algorithm_list_bytes: 1 << 16, algorithm_list_bytes;
    max_method_list_bytes: 1 << 16, method_list_bytes;
    max_user_bytes: 1 << 16, user_bytes;
    max_password_bytes: 1 << 20, password_bytes;
    max_answer_bytes: 1 << 20, answer_bytes;
    max_signature_bytes: 1 << 20, signature_bytes;
}

fn packet_bytes(with: With) {
    let kind = Talk::accepted(with(14)).breaks(&vectors::failure());
    let (length, limit) = (15, 14);
    assert_eq!(kind, ProtocolErrorKind::PacketTooLarge { length, limit });
    Talk::accepted(with(15)).hear(&vectors::failure());
}

fn prompts_in_a_round(with: With) {
    let mut talk = Talk::listed(with(1), "keyboard-interactive");
    talk.hear(&prompts(&[("", true)]));
    assert!(matches!(talk.asked, Some(Action::NeedAnswers(_))));
    let mut talk = Talk::listed(with(1), "keyboard-interactive");
    let kind = talk.breaks(&prompts(&[("", true), ("", true)]));
    let (count, limit) = (2, 1);
    assert_eq!(kind, ProtocolErrorKind::TooManyPrompts { count, limit });
}

fn rounds(with: With) {
    let mut talk = Talk::listed(with(1), "keyboard-interactive");
    talk.hear(&vectors::info_request_empty());
    let kind = talk.breaks(&vectors::info_request_empty());
    assert_eq!(kind, ProtocolErrorKind::TooManyRounds { limit: 1 });
    let own = Method::Other("own");
    let mut talk = Talk::listed(with(1).methods([own]), "own");
    let need = take!(talk, NeedMethodRequest);
    talk.answer(need.request("x"));
    talk.hear(&[70, 1]);
    let need = take!(talk, NeedMethodMessage);
    talk.answer(need.silence());
    assert_eq!(
        talk.breaks(&[71]),
        ProtocolErrorKind::TooManyRounds { limit: 1 }
    );
}

fn password_tries(with: With) {
    let mut talk = Talk::listed(with(1), "password");
    talk.password("wrong");
    talk.refuse("password");
    assert_eq!(
        talk.skipped(Method::Password),
        Some(&Unavailable::TriesSpent)
    );
}

fn keyboard_interactive_tries(with: With) {
    let mut talk = Talk::listed(with(1), "keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    talk.answers("wrong");
    talk.refuse("keyboard-interactive");
    let why = talk.skipped(Method::KeyboardInteractive);
    assert_eq!(why, Some(&Unavailable::TriesSpent));
}

fn other_tries(with: With) {
    let own = Method::Other("own");
    let mut talk = Talk::listed(with(1).methods([own]), "own");
    let need = take!(talk, NeedMethodRequest);
    talk.answer(need.request("x"));
    talk.refuse("own");
    assert_eq!(talk.skipped(own), Some(&Unavailable::TriesSpent));
}

fn gssapi_tokens(with: With) {
    let config = with(1)
        .methods([Method::GssapiWithMic])
        .gssapi_mechanisms([KERBEROS]);
    let mut talk = Talk::listed(config, "gssapi-with-mic");
    talk.hear(&vectors::gssapi_response());
    let need = take!(talk, NeedGssapiToken);
    talk.answer(need.token(*b"x"));
    let token = [&[61][..], &string(b"y")].concat();
    talk.hear(&token);
    let need = take!(talk, NeedGssapiToken);
    talk.answer(need.token(*b"x"));
    assert_eq!(
        talk.breaks(&token),
        ProtocolErrorKind::TooManyGssapiTokens { limit: 1 }
    );
}

fn password_changes(with: With) {
    let mut talk = Talk::listed(with(1), "password");
    talk.password("old");
    talk.hear(&vectors::change_request());
    let need = take!(talk, NeedNewPassword);
    talk.answer(need.change("old", "new"));
    let kind = talk.breaks(&vectors::change_request());
    assert_eq!(kind, ProtocolErrorKind::TooManyPasswordChanges { limit: 1 });
}

fn requests(with: With) {
    let mut talk = Talk::listed(with(2), "password");
    talk.password("wrong");
    talk.refuse("password");
    assert_eq!(talk.ending(), Ending::RequestsSpent);
}

/// A signature that follows a query, and a change of a password, are requests as well.
#[test]
fn dialogues_count_towards_max_requests() {
    let limit = 2;
    let config = || user().limits(only("max_requests", limit));
    let count = |talk: &Talk| talk.sent.iter().filter(|payload| payload[0] == 50).count();
    let mut change = Talk::listed(config(), "password");
    change.password("old");
    change.suffer(&vectors::change_request());
    assert!(count(&change) <= limit, "{} requests", count(&change));
    let mut signed = Talk::listed(config(), "publickey");
    signed.offer(&key_a());
    signed.suffer(&vectors::pk_ok_a());
    assert!(count(&signed) <= limit, "{} requests", count(&signed));
}

fn identities(with: With) {
    let mut talk = Talk::listed(with(2), "publickey");
    let need = take!(talk, NeedPublicKey);
    // An endless source of keys would otherwise never be asked for the last time.
    talk.answer(need.offer_many([key_a(), key_b(), rsa()]));
    talk.refuse("publickey");
    talk.refuse("publickey");
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(talk.sent.len(), 3);
    let mut skips = talk.client.report().skips().iter();
    assert!(skips.any(|skip| *skip.reason() == Unavailable::TooManyIdentities));
}

fn partial_successes(with: With) {
    let mut talk = Talk::listed(with(1), "password");
    talk.password("one");
    talk.partial("password");
    talk.password("two");
    let kind = talk.breaks(&failure("password", true));
    assert_eq!(
        kind,
        ProtocolErrorKind::TooManyPartialSuccesses { limit: 1 }
    );
}

fn banners(with: With) {
    let mut talk = Talk::accepted(with(1));
    for _ in 0..3 {
        talk.hear(&banner(b"x"));
    }
    assert!(matches!(
        talk.told[..],
        [Notice::Banner { .. }, Notice::BannersDropped]
    ));
}

fn banner_bytes(with: With) {
    let mut talk = Talk::accepted(with(3));
    for text in [&b"abc"[..], b"", b"d"] {
        talk.hear(&banner(text));
    }
    assert_eq!(talk.told.len(), 3);
    assert_eq!(talk.told[2], Notice::BannersDropped);
}

fn ext_infos(with: With) {
    let mut talk = Talk::accepted(with(1));
    talk.hear(&vectors::sig_algs());
    let kind = talk.breaks(&vectors::sig_algs());
    assert_eq!(kind, ProtocolErrorKind::TooManyExtInfo { limit: 1 });
}

fn algorithm_list_bytes(with: With) {
    let mut talk = Talk::accepted(with(12));
    talk.hear(&sig_algs("rsa-sha2-256,ssh-ed25519"));
    talk.refuse("publickey");
    talk.offer(&key_a());
    assert_eq!(talk.sent.len(), 1, "what is behind the limit is not read");
    talk.offer(&rsa());
    assert_eq!(talk.sent.len(), 2);
}

fn method_list_bytes(with: With) {
    let talk = Talk::listed(with(4), "abc,def,password");
    let kept = talk.client.report().methods().unwrap().to_string();
    assert_eq!(kept, "abc,password", "known names are kept");
    assert!(matches!(talk.asked, Some(Action::NeedPassword(_))));
}

fn user_bytes(with: With) {
    let error = UserAuthClient::new(with(0), session()).unwrap_err();
    let (length, limit) = (1, 0);
    assert_eq!(error, ConfigError::UserNameTooLong { length, limit });
}

fn password_bytes(with: With) {
    let mut talk = Talk::listed(with(3), "password");
    let answer = take!(talk, NeedPassword).password("1234");
    assert!(talk.command(|client| client.handle_answer(answer)).is_err());
    talk.password("123");
    talk.hear(&vectors::change_request());
    for (old, new) in [("1234", ""), ("", "1234")] {
        let answer = take!(talk, NeedNewPassword).change(old, new);
        assert!(talk.command(|client| client.handle_answer(answer)).is_err());
    }
    assert_eq!(talk.sent.len(), 2);
}

fn answer_bytes(with: With) {
    let mut talk = Talk::listed(with(3), "keyboard-interactive");
    talk.hear(&prompts(&[("", true), ("", true)]));
    let need = take!(talk, NeedAnswers);
    let answer = need.answers(["1", "1234"]).unwrap();
    assert!(talk.command(|client| client.handle_answer(answer)).is_err());
    talk.answers("123");
}

fn signature_bytes(with: With) {
    let key = identity("ssh-ed25519", 1);
    let length = signature("ssh-ed25519").len();
    for (limit, taken) in [(length - 1, false), (length, true)] {
        let config = with(limit);
        let mut talk = Talk::listed(config, "publickey");
        talk.offer(&key);
        talk.hear(&pk_ok("ssh-ed25519", key.blob()));
        let need = take!(talk, NeedSignature);
        assert_eq!(need.signed(signature("ssh-ed25519")).is_ok(), taken);
    }
}

/// `Debug` has all the fields: none is without a line in the table.
#[test]
fn table_has_every_limit() {
    let text = format!("{:?}", Limits::default());
    let fields = text.split(['{', '}']).nth(1).unwrap().split(',');
    let names: Vec<&str> = fields
        .map(|field| field.split(':').next().unwrap().trim())
        .collect();
    assert_eq!(names, NAMES);
}

#[test]
fn limits_of_zero_do_not_block_run() {
    for name in NAMES.iter().filter(|name| **name != "max_user_bytes") {
        for trace in traces::all() {
            let mut talk = Talk::fresh(trace.config.clone().limits(only(name, 0)));
            talk.answer_all_within_limits();
            for packet in &trace.packets {
                let _ = talk.command(|client| client.handle_packet(packet));
                talk.answer_all_within_limits();
            }
        }
    }
}

impl Talk {
    /// As `answer_all`; a question that comes back is declined.
    fn answer_all_within_limits(&mut self) {
        while let Some(question) = self.asked.take() {
            let answer = match question {
                Action::NeedSignature(need) => match need.signed(signature("ssh-ed25519")) {
                    Ok(answer) => answer,
                    Err(bad) => bad.decline(),
                },
                Action::NeedHostSignature(need) => match need.signed(signature("ssh-ed25519")) {
                    Ok(answer) => answer,
                    Err(bad) => bad.decline(),
                },
                other => traces::reply(other).unwrap(),
            };
            if self.command(|client| client.handle_answer(answer)).is_err()
                && let Some(again) = self.asked.take()
            {
                self.answer(again.decline().unwrap());
            }
        }
    }
}
