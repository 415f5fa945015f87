//! The packets of the three conversations, for clients in other languages.

use userauth_bench::{keyboard_interactive, password, publickey};

fn main() {
    for conversation in [publickey(), password(), keyboard_interactive()] {
        let (server, client) = conversation.packets();
        for (side, packets) in [("S", server), ("C", client)] {
            for packet in packets {
                let hex: String = packet.iter().map(|byte| format!("{byte:02x}")).collect();
                println!("{}\t{side}\t{hex}", conversation.name());
            }
        }
    }
}
