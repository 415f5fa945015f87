//! How each kind of server is made to do what a site says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use ssh_userauth::Method;

use super::kind::{DROPBEAR, DROPBEARCONVERT, TINYSSH, python};
use super::program::{Folder, Program, set_mode};
use super::{Kind, Place, Server, ServerError, Site};
use crate::embedded::{self, EmbeddedPolicy};
use crate::sshd::{Sshd, SshdBuilder, TestAccount};

pub(super) fn server(kind: Kind, site: &Site) -> Result<Server, ServerError> {
    check(kind, site)?;
    match kind {
        Kind::OpenSsh => openssh(site),
        Kind::Russh => Ok(russh(site)),
        Kind::AsyncSsh => script(kind, site, python(), "asyncssh_server.py"),
        Kind::Conch => script(kind, site, python(), "conch_server.py"),
        Kind::Paramiko => script(kind, site, python(), "paramiko_server.py"),
        Kind::Ssh2 => script(kind, site, PathBuf::from("node"), "ssh2_server.js"),
        Kind::Dropbear => dropbear(site),
        Kind::TinySsh => tinyssh(site),
    }
}

/// A site that a server would not follow is a mistake of the test.
fn check(kind: Kind, site: &Site) -> Result<(), ServerError> {
    let abilities = kind.abilities();
    let unable = |what| Err(ServerError::Unable(kind, what));
    let mut methods = site.steps.iter().flatten();
    if methods.any(|method| !abilities.methods.contains(method)) {
        return unable("do such a method");
    }
    if site.steps.len() > 1 && !abilities.several_factors {
        return unable("ask for several factors");
    }
    if !site.authorities.is_empty() && !abilities.certificates {
        return unable("check certificates");
    }
    if site.banner.is_some() && abilities.banner == super::BannerTime::Never {
        return unable("send a banner");
    }
    if site.max_tries.is_some() && !abilities.max_tries {
        return unable("be told how many tries there are");
    }
    if site.password_changes > abilities.password_changes {
        return unable("demand another password so often");
    }
    Ok(())
}

/// A server with users of its own.
fn with_own_users(kind: Kind, site: &Site, place: Place) -> Server {
    let answers = |round: &super::Round| {
        let answers = round.questions.iter();
        answers.map(|question| question.answer.clone()).collect()
    };
    Server {
        kind,
        place,
        user: Server::USER.to_owned(),
        password: Server::PASSWORD.to_owned(),
        rounds: site.rounds.iter().map(answers).collect(),
        _account: None,
        _home: None,
    }
}

/// A server with the system's users, of which `account` is one.
fn with_account(kind: Kind, place: Place, account: TestAccount) -> Server {
    Server {
        kind,
        place,
        user: account.name().to_owned(),
        password: account.password().to_owned(),
        rounds: vec![vec![account.password().to_owned()]],
        _account: Some(account),
        _home: None,
    }
}

fn script(
    kind: Kind,
    site: &Site,
    interpreter: PathBuf,
    name: &str,
) -> Result<Server, ServerError> {
    let folder = Folder::new()?;
    let host_key = folder.path().join("host_key");
    let json = site.json(Server::USER, Server::PASSWORD, &host_key.to_string_lossy());
    let file = folder.file("site.json", json.as_bytes())?;
    let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/servers")).join(name);
    let program = Program {
        binary: interpreter,
        arguments: vec![script.into(), file.into()],
        folder,
    };
    Ok(with_own_users(
        kind,
        site,
        Place::Program(Box::new(program)),
    ))
}

fn russh(site: &Site) -> Server {
    let mut policy = EmbeddedPolicy::new(Server::USER)
        .with_password(Server::PASSWORD)
        .with_greeting("42\n");
    for line in &site.keys {
        // A line that is no key admits nobody.
        let key = ssh_key::PublicKey::from_openssh(line);
        if let Ok(blob) = key.and_then(|key| key.to_bytes()) {
            policy = policy.with_key(&blob);
        }
    }
    for round in &site.rounds {
        let start = embedded::Round::new(&round.name, &round.instruction);
        let round = round.questions.iter().fold(start, |round, question| {
            round.with_prompt(&question.prompt, question.echo, &question.answer)
        });
        policy = policy.with_round(round);
    }
    for step in &site.steps {
        let methods: Vec<embedded::Method> = step
            .iter()
            .filter_map(|method| match method {
                Method::PublicKey => Some(embedded::Method::PublicKey),
                Method::Password => Some(embedded::Method::Password),
                Method::KeyboardInteractive => Some(embedded::Method::KeyboardInteractive),
                _ => None,
            })
            .collect();
        policy = policy.then_one_of(&methods);
    }
    if let Some(banner) = &site.banner {
        policy = policy.with_banner(banner);
    }
    if let Some(tries) = site.max_tries.and_then(|tries| usize::try_from(tries).ok()) {
        policy = policy.with_max_attempts(tries);
    }
    with_own_users(Kind::Russh, site, Place::Russh(Box::new(policy)))
}

fn openssh(site: &Site) -> Result<Server, ServerError> {
    let home = site
        .client_host
        .as_ref()
        .map(|_| Folder::new())
        .transpose()?;
    let account = match &home {
        Some(home) => TestAccount::create_at(home.path())?,
        None => TestAccount::create()?,
    };
    let mut builder = openssh_methods(Sshd::builder().log_level("DEBUG2"), site);
    builder = site
        .keys
        .iter()
        .fold(builder, |builder, line| builder.authorized_key(line));
    if !site.authorities.is_empty() {
        builder = builder
            .file("authorities", &(site.authorities.join("\n") + "\n"))
            .config_line("TrustedUserCAKeys {dir}/authorities");
    }
    if let Some(banner) = &site.banner {
        builder = builder
            .file("banner", banner)
            .config_line("Banner {dir}/banner");
    }
    if let Some(tries) = site.max_tries {
        builder = builder.config_line(&format!("MaxAuthTries {tries}"));
    }
    if let (Some(host), Some(home)) = (&site.client_host, home) {
        // In its own folder, as the server looks them up in the user's home.
        let line = |key: &String| format!("{} {key}\n", host.name);
        let known: String = host.keys.iter().map(line).collect();
        home.file(".ssh/known_hosts", known.as_bytes())?;
        home.file(
            ".shosts",
            format!("{} {}\n", host.name, host.user).as_bytes(),
        )?;
        let server = with_account(Kind::OpenSsh, Place::OpenSsh(builder.build()?), account);
        return Ok(Server {
            _home: Some(home),
            ..server
        });
    }
    Ok(with_account(
        Kind::OpenSsh,
        Place::OpenSsh(builder.build()?),
        account,
    ))
}

/// Switches the methods on that the site uses, and off those that it does not.
fn openssh_methods(builder: SshdBuilder, site: &Site) -> SshdBuilder {
    let lines = [
        ("PubkeyAuthentication", Method::PublicKey),
        ("PasswordAuthentication", Method::Password),
        ("KbdInteractiveAuthentication", Method::KeyboardInteractive),
        ("HostbasedAuthentication", Method::HostBased),
    ];
    let mut builder = lines.iter().fold(builder, |builder, (keyword, method)| {
        let value = if site.uses(*method) { "yes" } else { "no" };
        builder.config_line(&format!("{keyword} {value}"))
    });
    // Its keyboard-interactive is PAM's.
    builder = builder.use_pam(site.uses(Method::KeyboardInteractive));
    if site.uses(Method::HostBased) {
        for line in [
            // The client has no address here that could be looked up.
            "HostbasedUsesNameFromPacketOnly yes",
            "IgnoreRhosts no",
            "IgnoreUserKnownHosts no",
        ] {
            builder = builder.config_line(line);
        }
    }
    if site.steps.len() > 1 {
        let chains = chains(&site.steps).join(" ");
        builder = builder.config_line(&format!("AuthenticationMethods {chains}"));
    }
    builder
}

/// Every way through the steps, each as a name-list.
fn chains(steps: &[Vec<Method>]) -> Vec<String> {
    steps.iter().fold(vec![String::new()], |chains, step| {
        let longer = |chain: &String| {
            let comma = if chain.is_empty() { "" } else { "," };
            let names = step
                .iter()
                .map(|method| format!("{chain}{comma}{}", method.name()));
            names.collect::<Vec<_>>()
        };
        chains.iter().flat_map(longer).collect()
    })
}

/// A user of the system whose home has an authorized_keys file. Home and file are root's, which
/// both servers take.
fn account_with_keys(folder: &Folder, site: &Site) -> Result<TestAccount, ServerError> {
    let home = folder.path().join("home");
    let lines = site.keys.join("\n") + "\n";
    folder.file("home/.ssh/authorized_keys", lines.as_bytes())?;
    set_mode(&home, 0o755)?;
    Ok(TestAccount::create_at(&home)?)
}

fn dropbear(site: &Site) -> Result<Server, ServerError> {
    let folder = Folder::new()?;
    let account = account_with_keys(&folder, site)?;
    let host_key = folder.path().join("dropbear_host_key");
    let mut convert = Command::new(DROPBEARCONVERT);
    convert.args(["openssh", "dropbear"]);
    convert.arg(folder.path().join("host_key")).arg(&host_key);
    crate::sshd::run("dropbearconvert", &mut convert)?;
    let mut arguments: Vec<OsString> = vec!["-i".into(), "-r".into(), host_key.into()];
    if let Some(banner) = &site.banner {
        arguments.push("-b".into());
        arguments.push(folder.file("banner", banner.as_bytes())?.into());
    }
    if let Some(tries) = site.max_tries {
        arguments.extend(["-T".into(), tries.to_string().into()]);
    }
    if !site.uses(Method::Password) {
        arguments.push("-s".into());
    }
    if site.steps.len() > 1 {
        arguments.push("-t".into());
    }
    let program = Program {
        binary: PathBuf::from(DROPBEAR),
        arguments,
        folder,
    };
    Ok(with_account(
        Kind::Dropbear,
        Place::Program(Box::new(program)),
        account,
    ))
}

/// TinySSH reads its host key as bare bytes: the public half, and both halves (its makekey does the
/// same).
fn tinyssh(site: &Site) -> Result<Server, ServerError> {
    // It reads no keys in a folder below one that everybody can write to.
    let folder = Folder::new_in(Path::new("/run"))?;
    let account = account_with_keys(&folder, site)?;
    let ssh_key::private::KeypairData::Ed25519(pair) = folder.host_key().key_data() else {
        return Err(ServerError::Unable(Kind::TinySsh, "use such a host key"));
    };
    let public = folder.file("keys/ed25519.pk", pair.public.as_ref())?;
    folder.file("keys/.ed25519.sk", &pair.to_bytes())?;
    let keys = public.parent().map(Path::to_path_buf).unwrap_or_default();
    let program = Program {
        binary: PathBuf::from(TINYSSH),
        arguments: vec!["-v".into(), keys.into()],
        folder,
    };
    Ok(with_account(
        Kind::TinySsh,
        Place::Program(Box::new(program)),
        account,
    ))
}
