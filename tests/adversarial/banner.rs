//! Banners, in any number and at any time.

use ssh_userauth::{Limits, Notice, ProtocolErrorKind};

use crate::talk::{Talk, banner, user};
use crate::traces::{self, Trace};
use crate::vectors;

/// What the client sends, and what it tells beside banners.
fn outcome(trace: &Trace, before: usize, after: usize) -> (Vec<Vec<u8>>, Vec<Notice>, String) {
    let mut talk = Talk::fresh(trace.config.clone());
    talk.answer_all();
    let last = trace.packets.len() - 1;
    for (index, packet) in trace.packets.iter().enumerate() {
        for _ in 0..before {
            assert!(talk.suffer(&vectors::banner_hostile()));
        }
        assert!(talk.suffer(packet));
        for _ in 0..after {
            // After success, a banner is no longer ours.
            assert_eq!(talk.suffer(&vectors::banner_stray_nul()), index != last);
        }
    }
    talk.told
        .retain(|notice| !matches!(notice, Notice::Banner { .. }));
    (talk.sent, talk.told, format!("{:?}", talk.end))
}

#[test]
fn banners_anywhere_change_nothing() {
    for trace in traces::all() {
        let plain = outcome(&trace, 0, 0);
        for (before, after) in [(1, 0), (0, 1), (3, 3)] {
            assert_eq!(outcome(&trace, before, after), plain, "{}", trace.name);
        }
    }
}

/// While a question is open, too.
#[test]
fn banner_withdraws_no_question() {
    let mut talk = Talk::listed(user(), "keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    let need = take!(talk, NeedAnswers);
    talk.hear(&vectors::banner_hostile());
    talk.answer(need.answer_each(|_| "123456"));
    assert_eq!(talk.last_sent()[0], 61);
}

#[test]
fn million_banners_are_dropped_then_run_ends() {
    let mut talk = Talk::accepted(user());
    let packet = banner(b"x");
    for _ in 0..1024 {
        talk.hear(&packet);
    }
    assert_eq!(talk.told.len(), 65);
    assert_eq!(talk.told.last(), Some(&Notice::BannersDropped));
    assert_eq!(talk.client.report().banners().len(), 64);
    let kind = talk.breaks(&packet);
    assert_eq!(kind, ProtocolErrorKind::TooManyBanners { limit: 1024 });
    for _ in 1025..1_000_000 {
        assert!(talk.client.handle_packet(&packet).is_err());
    }
    assert!(talk.client.poll_action().is_none());
    assert_eq!(talk.client.report().banners().len(), 64);
}

#[test]
fn bytes_of_banners_are_bounded() {
    let limit = Limits::default().max_banner_bytes;
    let mut talk = Talk::accepted(user());
    talk.hear(&banner(&vec![b'x'; limit - 1]));
    talk.hear(&banner(b"x"));
    talk.hear(&banner(b"x"));
    talk.hear(&banner(b"x"));
    assert_eq!(talk.told.len(), 3);
    assert_eq!(talk.told[2], Notice::BannersDropped);
    let huge = banner(&vec![b'x'; 256 * 1024 - 9]);
    let mut talk = Talk::accepted(user());
    talk.hear(&huge);
    assert_eq!(talk.told, [Notice::BannersDropped]);
}

/// The language of a banner is text of the server as well, and is bounded with it.
#[test]
fn language_of_banner_counts() {
    let mut packet = vec![53];
    packet.extend(crate::talk::string(b""));
    packet.extend(crate::talk::string(&vec![b'x'; 200 * 1024]));
    let mut talk = Talk::accepted(user());
    for _ in 0..64 {
        talk.hear(&packet);
    }
    let bytes = talk.told.iter().map(|notice| match notice {
        Notice::Banner {
            message, language, ..
        } => message.raw().len() + language.raw().len(),
        _ => 0,
    });
    let sum: usize = bytes.sum();
    assert!(sum <= Limits::default().max_banner_bytes, "{sum} bytes");
}

/// Servers get banners wrong; nothing but text is lost by it.
#[test]
fn banners_are_decoded_leniently() {
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::banner_stray_nul());
    talk.hear(&vectors::banner_bare());
    let texts = talk.client.report().banners().iter().map(|text| text.raw());
    assert_eq!(texts.collect::<Vec<_>>(), [b"hi", b"hi"]);
    for broken in [vectors::banner_past_end(), vec![53], vec![53, 0, 0, 0]] {
        let kind = Talk::accepted(user()).breaks(&broken);
        assert!(matches!(kind, ProtocolErrorKind::Malformed(_)));
    }
}
