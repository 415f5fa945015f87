//! The report for programs (feature `serde`): stable names, and text as people see it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use ssh_userauth::{
    AttemptRecord, Candidate, Factor, Identity, MethodList, Report, ServerDisconnect, Skip,
};

use crate::words::{line, mark_of, own_line};
use crate::{Diagnosis, cause, names};

/// A report for `serde`; see [`Explain::data`](crate::Explain::data).
///
/// Text of the server is filtered as by [`ServerText::line`](ssh_userauth::ServerText::line). Fields
/// may be added, names don't change.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a>(pub(crate) &'a Report);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Report", 13)?;
        let report = self.0;
        let diagnosis = cause::of(report);
        let state = match &diagnosis {
            Some(Diagnosis::ProtocolViolation(_)) => "failed",
            Some(_) => "gave_up",
            None if report.is_authenticated() => "authenticated",
            None => "running",
        };
        fields.serialize_field("state", state)?;
        fields.serialize_field("ending", &report.ending().map(names::ending))?;
        fields.serialize_field("diagnosis", &diagnosis)?;
        let error = report.protocol_error().map(ToString::to_string);
        fields.serialize_field("protocol_error", &error)?;
        let version = report.server_version().map(own_line);
        fields.serialize_field("server_version", &version)?;
        let algorithms = report.signature_algorithms().map(ToString::to_string);
        fields.serialize_field("signature_algorithms", &algorithms)?;
        fields.serialize_field("offers_host_bound", &report.offers_host_bound())?;
        let banners: Vec<String> = report.banners().iter().map(line).collect();
        fields.serialize_field("banners", &banners)?;
        let disconnect = report.server_disconnect().map(Disconnect);
        fields.serialize_field("disconnect", &disconnect)?;
        fields.serialize_field("methods", &report.methods().map(names_of))?;
        let attempts: Vec<_> = report.attempts().iter().map(Attempt).collect();
        fields.serialize_field("attempts", &attempts)?;
        let skips: Vec<_> = report.skips().iter().map(Skipped).collect();
        fields.serialize_field("skips", &skips)?;
        let factors: Vec<Proved> = report.factors().map(Proved).collect();
        fields.serialize_field("factors", &factors)?;
        fields.end()
    }
}

fn names_of(list: &MethodList) -> Vec<String> {
    list.names().map(|name| line(&name)).collect()
}

impl Serialize for Diagnosis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Diagnosis", 2)?;
        fields.serialize_field("name", self.name())?;
        fields.serialize_field("sentence", &self.to_string())?;
        fields.end()
    }
}

struct Attempt<'a>(&'a AttemptRecord);

impl Serialize for Attempt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("AttemptRecord", 7)?;
        fields.serialize_field("method", self.0.method().name())?;
        fields.serialize_field("stage", names::stage(self.0.stage()))?;
        fields.serialize_field("identity", &self.0.identity().map(Key))?;
        let algorithm = self.0.algorithm().map(|name| name.as_str());
        fields.serialize_field("algorithm", &algorithm)?;
        fields.serialize_field("rounds", &self.0.rounds())?;
        let outcome = names::outcome(self.0.outcome()).replace(' ', "_");
        fields.serialize_field("outcome", &outcome)?;
        fields.serialize_field("methods_after", &self.0.methods_after().map(names_of))?;
        fields.end()
    }
}

struct Skipped<'a>(&'a Skip);

impl Serialize for Skipped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (method, identity) = match self.0.candidate() {
            Candidate::Method(method) => (Some(method.name()), None),
            Candidate::Identity(identity) => (None, Some(Key(identity))),
            _ => (None, None),
        };
        let mut fields = serializer.serialize_struct("Skip", 4)?;
        fields.serialize_field("method", &method)?;
        fields.serialize_field("identity", &identity)?;
        fields.serialize_field("reason", names::skip_reason(self.0.reason()))?;
        fields.serialize_field("detail", &names::why_skipped(self.0.reason()))?;
        fields.end()
    }
}

struct Disconnect<'a>(&'a ServerDisconnect);

impl Serialize for Disconnect<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ServerDisconnect", 2)?;
        fields.serialize_field("code", &self.0.code())?;
        fields.serialize_field("description", &line(self.0.description()))?;
        fields.end()
    }
}

/// A key, without its bytes: they are public, but long.
struct Key<'a>(&'a Identity);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Identity", 4)?;
        fields.serialize_field("type", self.0.key_type())?;
        let fingerprint = cfg!(feature = "ssh-key").then(|| mark_of(self.0));
        fields.serialize_field("fingerprint", &fingerprint)?;
        fields.serialize_field("bytes", &self.0.blob().len())?;
        fields.serialize_field("label", &self.0.label().map(own_line))?;
        fields.end()
    }
}

struct Proved(Factor);

impl Serialize for Proved {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Factor", 2)?;
        fields.serialize_field("method", self.0.method().name())?;
        fields.serialize_field("identity", &self.0.identity().map(Key))?;
        fields.end()
    }
}
