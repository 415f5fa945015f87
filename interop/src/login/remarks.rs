//! What the diagnosis can't say, as it doesn't look into keys: remarks that go ahead of it.

use std::time::{SystemTime, UNIX_EPOCH};

use ssh_key::Certificate;
use ssh_userauth::{Identity, Method, Outcome, Report};
use ssh_userauth_explain::Diagnosis;

use crate::login::text;

/// What is wrong with certificates that the server refused, and keys that it refused before
/// somebody was asked.
pub(super) fn of_keys(report: &Report, diagnosis: &Diagnosis, user: &str) -> Vec<String> {
    let refused = refused_keys(report);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |time| time.as_secs());
    let troubles = refused.iter().filter_map(|key| {
        let certificate = Certificate::from_bytes(key.blob()).ok()?;
        let trouble = trouble(&certificate, user, now)?;
        Some(format!("the certificate {} {trouble}", name(key)))
    });
    let mut remarks: Vec<String> = troubles.collect();
    // Who is asked for a password often has a key that should have made it needless.
    if let Diagnosis::PasswordRefused { .. }
    | Diagnosis::AnswersRefused { .. }
    | Diagnosis::RefusedWhileAsking { .. } = diagnosis
    {
        match refused.as_slice() {
            [] => {}
            [one] => remarks.push(format!("the server refused the key {}", name(one))),
            many => remarks.push(format!("the server refused {} keys", many.len())),
        }
    }
    remarks
}

fn refused_keys(report: &Report) -> Vec<&Identity> {
    // Without the method, the server has said nothing about the keys.
    let listed = report.methods();
    if listed.is_some_and(|methods| !methods.contains(Method::PublicKey)) {
        return Vec::new();
    }
    let refused = report.attempts().iter().filter_map(|record| {
        record.identity().filter(|_| {
            record.method() == Method::PublicKey && record.outcome() == Outcome::Refused
        })
    });
    let mut keys: Vec<&Identity> = Vec::new();
    for key in refused {
        if !keys.iter().any(|known| known.blob() == key.blob()) {
            keys.push(key);
        }
    }
    keys
}

/// As [`Identity`] names itself for people.
fn name(identity: &Identity) -> String {
    text::line(identity.to_string().as_bytes())
}

/// Why no server takes it from `user` at the time `now`, as far as that is seen from here.
fn trouble(certificate: &Certificate, user: &str, now: u64) -> Option<String> {
    let names = certificate.valid_principals();
    if certificate.valid_before() <= now {
        Some("has expired".to_owned())
    } else if certificate.valid_after() > now {
        Some("is not valid yet".to_owned())
    } else if !names.is_empty() && !names.iter().any(|name| name == user) {
        let names = names.iter().map(|name| text::line(name.as_bytes()));
        let names: Vec<String> = names.collect();
        Some(format!("is for {}", names.join(",")))
    } else {
        None
    }
}
