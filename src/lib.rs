//! The client side of SSH user authentication as a sans-IO state machine.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod wire;
