//! The head of a recorded transcript: all of the configuration that isn't the default.
//!
//! The fields of [`Config`] and [`Session`] are the crate's own; see [`answered`](super::answered).

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::config::{ClientHost, Config, Seldom, UserName};
use crate::method::Method;
use crate::session::{Confidentiality, KeyExchange, ServiceRequest, Session};
use crate::testing::recorder::names::Names;
use crate::testing::transcript::line::Line;
use crate::testing::transcript::setting::Setting;
use crate::testing::transcript::setting::limit::Limit;
use crate::testing::transcript::setting::policy::Quirk;
use crate::wire::ExtInfo;

pub(super) fn lines(config: &Config, session: &Session, names: &mut Names) -> Vec<Line> {
    let mut settings = of_config(config, names);
    settings.extend(of_session(session, names));
    settings.into_iter().map(Line::Setting).collect()
}

/// Taken apart field by field, so that none is forgotten.
fn of_config(config: &Config, names: &mut Names) -> Vec<Setting> {
    let Config {
        user,
        service,
        label: _, // For people, and of this process only.
        methods,
        discovery,
        trivial_success,
        host_bound,
        sha1,
        hash_fallback,
        quirks,
        client_host,
        choice,
        budget,
        counting,
        bridge,
        pipelining,
        early_password,
        seldom,
    } = config;
    let usual = Config::new("");
    let nothing = Seldom::default();
    let Seldom {
        submethods,
        algorithms,
        gssapi_mechanisms,
        limits: _, // Only those that are not usual are in there.
    } = seldom.as_deref().unwrap_or(&nothing);
    let algorithms = algorithms.as_deref().map(algorithms_setting);
    let unusual = [
        unusual(service, &usual.service, |name| {
            Setting::Service(name.to_string())
        }),
        unusual(methods, &usual.methods, |methods| methods_setting(methods)),
        unusual(discovery, &usual.discovery, |own| Setting::Discovery(*own)),
        unusual(&**submethods, usual.hinted_submethods(), |hints| {
            Setting::Submethods(hints.to_string())
        }),
        unusual(trivial_success, &usual.trivial_success, |own| {
            Setting::Trivial(*own)
        }),
        unusual(host_bound, &usual.host_bound, |own| {
            Setting::HostBound(*own)
        }),
        unusual(sha1, &usual.sha1, |own| Setting::Sha1(*own)),
        algorithms,
        unusual(hash_fallback, &usual.hash_fallback, |own| {
            Setting::HashFallback(*own)
        }),
        unusual(&**gssapi_mechanisms, usual.mechanisms(), |own| {
            mechanisms_setting(own)
        }),
        unusual(choice, &usual.choice, |own| Setting::Choice(*own)),
        unusual(budget, &usual.budget, |own| Setting::Budget(*own)),
        unusual(counting, &usual.counting, |own| Setting::Counting(*own)),
        unusual(bridge, &usual.bridge, |own| Setting::Bridge(*own)),
        // Always said: the course of everything depends on it.
        Some(Setting::Pipelining(*pipelining)),
        unusual(early_password, &usual.early_password, |own| {
            Setting::EarlyPassword(*own)
        }),
    ];
    let mut settings = Vec::from([user_setting(user)]);
    settings.extend(unusual.into_iter().flatten());
    settings.extend(Quirk::all_of(*quirks).map(Setting::Quirk));
    settings.extend(client_host.iter().map(|host| host_setting(host, names)));
    settings.extend(
        Limit::unusual(config.bounds())
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
    let Session {
        id,
        confidentiality,
        host_key,
        ext_info,
        server_version,
        service_request,
        key_exchange,
    } = session;
    let mut settings = Vec::new();
    if *confidentiality == Confidentiality::Open {
        settings.push(Setting::Unencrypted);
    }
    settings.push(Setting::SessionId(id.as_bytes().to_vec()));
    if let Some(blob) = host_key {
        settings.push(Setting::HostKey(names.key(blob, Vec::new())));
    }
    if *service_request != ServiceRequest::default() {
        settings.push(Setting::ServiceRequest(*service_request));
    }
    if let Some(version) = server_version {
        settings.push(Setting::ServerVersion(version.clone()));
    }
    if let Some(Ok(info)) = ext_info.as_deref().map(ExtInfo::decode) {
        let entries = info.entries.iter();
        let entries = entries.map(|entry| (entry.name.to_vec(), entry.value.to_vec()));
        settings.push(Setting::ExtInfo(entries.collect()));
    }
    if *key_exchange == KeyExchange::Gssapi {
        settings.push(Setting::GssapiKeyExchange);
    }
    settings
}
