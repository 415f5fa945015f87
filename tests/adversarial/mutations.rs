//! Every packet cut short, and every packet with one byte changed, at every point of every good
//! conversation.

use ssh_userauth::Turn;

use crate::talk::Talk;
use crate::traces::{self, Trace};
use crate::vectors;

/// Plays the rest of a conversation after a wrong packet, and looks at where it leads.
fn survive(trace: &Trace, index: usize, packet: &[u8]) {
    let mut talk = trace.until(index);
    let result = talk.command(|client| client.handle_packet(packet));
    match result {
        Ok(_) => talk.answer_all(),
        Err(error) => {
            assert_eq!(
                error.message_number(),
                packet.first().copied().unwrap_or_default()
            );
            assert_eq!(talk.client.turn(), Turn::Nobody);
            assert_eq!(talk.client.handle_packet(&vectors::success()), Err(error));
            assert!(!talk.client.report().is_authenticated());
            return;
        }
    }
    for rest in &trace.packets[index..] {
        talk.suffer(rest);
    }
    consistent(&talk);
}

/// The ledger has what was sent, and nothing else.
fn consistent(talk: &Talk) {
    let requests = talk.sent.iter().filter(|payload| payload[0] == 50).count();
    assert_eq!(talk.client.report().attempts().len(), requests);
}

#[test]
fn packets_cut_short_are_survived() {
    for trace in traces::all() {
        for (index, packet) in trace.packets.iter().enumerate() {
            for length in 0..packet.len() {
                let cut = &packet[..length];
                survive(&trace, index, cut);
                // All but a name that may be missing, the language of a banner, and what the
                // crate doesn't decode.
                let strict = !matches!(cut, [6] | [53, ..]) && trace.name != "own";
                if strict {
                    let mut talk = trace.until(index);
                    let result = talk.client.handle_packet(cut);
                    assert!(result.is_err(), "{}: {cut:?}", trace.name);
                }
            }
        }
    }
}

#[test]
fn packets_with_extra_byte_are_survived() {
    for trace in traces::all() {
        for (index, packet) in trace.packets.iter().enumerate() {
            let longer = [&packet[..], &[0]].concat();
            survive(&trace, index, &longer);
            let mut talk = trace.until(index);
            let result = talk.client.handle_packet(&longer);
            let lenient = packet[0] == 53 || (trace.name == "own" && packet[0] == 60);
            assert_eq!(result.is_ok(), lenient, "{}: {packet:?}", trace.name);
        }
    }
}

/// With `SSH_USERAUTH_RUNS`, all 255 other values; otherwise those that matter to lengths and signs.
#[test]
fn packets_with_changed_byte_are_survived() {
    let all = std::env::var_os("SSH_USERAUTH_RUNS").is_some();
    for trace in traces::all() {
        for (index, packet) in trace.packets.iter().enumerate() {
            for at in 0..packet.len() {
                for change in 1..=255u8 {
                    let few = change.is_power_of_two() || change == 0xff;
                    if all || few || at == 0 {
                        let mut changed = packet.clone();
                        changed[at] ^= change;
                        survive(&trace, index, &changed);
                    }
                }
            }
        }
    }
}

/// Any packet of any conversation at any point of any other.
#[test]
fn packets_in_wrong_place_are_survived() {
    let traces = traces::all();
    let packets = || traces.iter().flat_map(|trace| &trace.packets);
    for trace in &traces {
        for index in 0..=trace.packets.len() {
            for packet in packets() {
                let mut talk = trace.until(index);
                let done = talk.client.report().is_authenticated();
                talk.suffer(packet);
                let now = talk.client.report().is_authenticated();
                assert!(done || !now || packet[..] == [52], "{packet:?}");
                consistent(&talk);
            }
        }
    }
}
