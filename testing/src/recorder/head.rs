//! The head of a recorded transcript: all of the configuration that isn't the default.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::recorder::names::Names;
use crate::transcript::line::Line;
use crate::transcript::setting::Setting;
use crate::transcript::setting::limit::Limit;
use crate::transcript::setting::policy::Quirk;
use crate::wire::ExtInfo;
use ssh_userauth::{AlgorithmName, ClientHost, Config, Method, ServiceRequest, Session, UserName};

pub(super) fn lines(config: &Config, session: &Session, names: &mut Names) -> Vec<Line> {
    let mut settings = of_config(config, names);
    settings.extend(of_session(session, names));
    settings.into_iter().map(Line::Setting).collect()
}

fn of_config(config: &Config, names: &mut Names) -> Vec<Setting> {
    let usual = Config::new("");
    let algorithms = config.signature_algorithms.as_deref();
    let unusual = [
        unusual(&config.service, &usual.service, |name| {
            Setting::Service(name.to_string())
        }),
        unusual(&config.methods, &usual.methods, |methods| {
            methods_setting(methods)
        }),
        unusual(&config.discovery, &usual.discovery, |own| {
            Setting::Discovery(*own)
        }),
        unusual(&config.submethods, &usual.submethods, |hints| {
            Setting::Submethods(hints.clone())
        }),
        unusual(&config.trivial_success, &usual.trivial_success, |own| {
            Setting::Trivial(*own)
        }),
        unusual(&config.host_bound, &usual.host_bound, |own| {
            Setting::HostBound(*own)
        }),
        unusual(&config.sha1_signatures, &usual.sha1_signatures, |own| {
            Setting::Sha1(*own)
        }),
        algorithms.map(algorithms_setting),
        unusual(&config.hash_fallback, &usual.hash_fallback, |own| {
            Setting::HashFallback(*own)
        }),
        unusual(
            &*config.gssapi_mechanisms,
            &usual.gssapi_mechanisms,
            mechanisms_setting,
        ),
        unusual(&config.method_choice, &usual.method_choice, |own| {
            Setting::Choice(*own)
        }),
        unusual(&config.attempt_budget, &usual.attempt_budget, |own| {
            Setting::Budget(*own)
        }),
        unusual(&config.try_counting, &usual.try_counting, |own| {
            Setting::Counting(*own)
        }),
        unusual(&config.password_bridge, &usual.password_bridge, |own| {
            Setting::Bridge(*own)
        }),
        // Always said: the course of everything depends on it.
        Some(Setting::Pipelining(config.pipelining)),
        unusual(&config.early_password, &usual.early_password, |own| {
            Setting::EarlyPassword(*own)
        }),
    ];
    let mut settings = Vec::from([user_setting(&config.user)]);
    settings.extend(unusual.into_iter().flatten());
    settings.extend(Quirk::all_of(config.quirks).map(Setting::Quirk));
    settings.extend(
        config
            .client_host
            .iter()
            .map(|host| host_setting(host, names)),
    );
    settings.extend(
        Limit::unusual(&config.limits)
            .into_iter()
            .map(Setting::Limit),
    );
    settings
}

/// What says so, if it is not the default.
fn unusual<T: PartialEq + ?Sized>(
    own: &T,
    usual: &T,
    setting: impl Fn(&T) -> Setting,
) -> Option<Setting> {
    (own != usual).then(|| setting(own))
}

fn methods_setting(methods: &[Method]) -> Setting {
    let names = methods.iter().map(|method| method.name().to_string());
    Setting::Methods(names.collect())
}

fn algorithms_setting(algorithms: &[AlgorithmName]) -> Setting {
    let names = algorithms.iter().map(|name| name.as_str().to_string());
    Setting::SignatureAlgorithms(names.collect())
}

fn mechanisms_setting(mechanisms: &[Box<[u8]>]) -> Setting {
    Setting::Mechanisms(mechanisms.iter().map(|der| der.to_vec()).collect())
}

fn host_setting(host: &ClientHost, names: &mut Names) -> Setting {
    let keys = host.keys.iter().map(|key| names.identity(key));
    Setting::ClientHost {
        keys: keys.collect(),
        host: host.name.clone(),
        user: host.user.clone(),
    }
}

fn user_setting(name: &UserName) -> Setting {
    let text = core::str::from_utf8(name.as_bytes());
    match text {
        Ok(text) if !text.bytes().any(|byte| byte.is_ascii_control()) => {
            Setting::User(String::from(text))
        }
        _ => Setting::UserRaw(name.as_bytes().to_vec()),
    }
}

fn of_session(session: &Session, names: &mut Names) -> Vec<Setting> {
    let mut settings = Vec::new();
    if !session.is_encrypted() {
        settings.push(Setting::Unencrypted);
    }
    settings.push(Setting::SessionId(session.session_id().to_vec()));
    if let Some(blob) = &session.host_key {
        settings.push(Setting::HostKey(names.key(blob, Vec::new())));
    }
    if session.service_request != ServiceRequest::default() {
        settings.push(Setting::ServiceRequest(session.service_request));
    }
    if let Some(version) = &session.server_version {
        settings.push(Setting::ServerVersion(version.clone()));
    }
    if let Some(Ok(info)) = session.ext_info.as_deref().map(ExtInfo::decode) {
        let entries = info.entries.iter();
        let entries = entries.map(|entry| (entry.name.to_vec(), entry.value.to_vec()));
        settings.push(Setting::ExtInfo(entries.collect()));
    }
    if session.is_gssapi_key_exchange() {
        settings.push(Setting::GssapiKeyExchange);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::setting::policy::QUIRK;

    /// The names of the fields that `Debug` shows.
    fn fields(shown: &str) -> Vec<&str> {
        let lines = shown.lines().filter_map(|line| line.strip_prefix("    "));
        let fields = lines.filter(|line| !line.starts_with([' ', '}', ']', ')']));
        fields.filter_map(|line| line.split(':').next()).collect()
    }

    /// A new field fails this test until the head has a line for it, or it is known to need none.
    #[test]
    fn no_setting_is_forgotten() {
        let config = std::format!("{:#?}", Config::new("alice"));
        let in_head = [
            "user",
            "service",
            "label", // For people, and of this process only: no line.
            "methods",
            "discovery",
            "submethods",
            "trivial_success",
            "host_bound",
            "sha1_signatures",
            "signature_algorithms",
            "hash_fallback",
            "quirks",
            "client_host",
            "gssapi_mechanisms",
            "method_choice",
            "attempt_budget",
            "try_counting",
            "password_bridge",
            "pipelining",
            "early_password",
            "limits",
        ];
        assert_eq!(fields(&config), in_head, "{config}");
        let session = std::format!("{:#?}", Session::encrypted([1; 32]));
        let in_head = [
            "id",
            "is_encrypted",
            "host_key",
            "ext_info",
            "server_version",
            "service_request",
            "is_gssapi_key_exchange",
        ];
        assert_eq!(fields(&session), in_head, "{session}");
        let mut quirks = ssh_userauth::Quirks::default();
        for (_, quirk) in QUIRK {
            quirk.set(&mut quirks);
        }
        let quirks = std::format!("{quirks:?}");
        assert!(!quirks.contains("false"), "{quirks}");
    }
}
