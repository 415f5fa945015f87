//! Methods and GSS-API mechanisms by their names.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::transcript::words::{Parsed, to_hex, unhex};
use crate::wire::ObjectIdentifier;
use ssh_userauth::Method;

const KERBEROS: &str = "krb5";

/// Whether the name is that of a method of the caller's own. RFC 4250 section 4.6.1: names that
/// nobody has registered "MUST" have the form `name@domainname`.
pub(crate) fn is_own(name: &str) -> bool {
    name.contains('@')
}

/// The method of this name, if the client knows it.
fn known(name: &str) -> Option<Method> {
    let all = [
        Method::None,
        Method::PublicKey,
        Method::Password,
        Method::KeyboardInteractive,
        Method::HostBased,
        Method::GssapiWithMic,
        Method::GssapiKeyex,
    ];
    all.into_iter().find(|method| method.name() == name)
}

/// Checks the name of a method.
pub(crate) fn check_method(name: String) -> Parsed<String> {
    if is_own(&name) || known(&name).is_some() {
        Ok(name)
    } else {
        Err(alloc::format!("there is no method {name:?}"))
    }
}

/// The method of this name.
///
/// A caller has the names of his own methods in his source, so that the crate wants them to live
/// for ever; those of a transcript have to be leaked. It is a few bytes whenever a transcript with
/// such a method is played, in tests.
pub(crate) fn method(name: &str) -> Method {
    known(name).unwrap_or_else(|| Method::Other(Box::leak(name.into())))
}

/// A mechanism as a word: its name if it has one, or else its digits.
pub(crate) fn mechanism_word(der: &[u8]) -> String {
    if der == ObjectIdentifier::KERBEROS_V5.as_der() {
        KERBEROS.to_string()
    } else {
        to_hex(der)
    }
}

/// The bytes of a mechanism, which need not be a good object identifier.
pub(crate) fn mechanism(word: &str) -> Parsed<Vec<u8>> {
    if word == KERBEROS {
        Ok(ObjectIdentifier::KERBEROS_V5.as_der().to_vec())
    } else {
        unhex(word)
    }
}
