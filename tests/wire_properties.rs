//! Properties of the wire format: what is encoded comes back as it was, and what is accepted is
//! encoded as it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "wire_properties/accepted.rs"]
mod accepted;
#[path = "wire_properties/fields.rs"]
mod fields;
#[path = "wire_properties/parts.rs"]
mod parts;
#[path = "wire_properties/there_and_back.rs"]
mod there_and_back;
