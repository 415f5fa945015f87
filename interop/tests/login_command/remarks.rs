//! What the user reads ahead of the diagnosis: what is wrong with his keys, as far as that is seen
//! on his side.

use interop::sshd::{self, HostKeyType, Sshd};

use super::daemon::{OpenSsh, place};
use super::user::{Ran, User};

/// The error of a login, and that it is one line.
#[track_caller]
fn reason(ran: &Ran) -> &str {
    ran.expect_failure("permission denied: ");
    ran.err.trim_end()
}

fn keygen(user: &User, arguments: &[&str]) {
    let status = user.command("ssh-keygen").args(arguments).status();
    assert!(status.unwrap().success(), "{arguments:?}");
}

/// The server's log would say it, but who logs in does not see that.
#[test]
fn certificates_out_of_date_or_for_somebody_else() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    let name = sshd::current_user().unwrap();
    user.make_key("authority", "ed25519", "");
    user.make_key("stranger", "ed25519", "");
    user.make_key("key", "ed25519", "");
    let builder = Sshd::builder()
        .file("authority.pub", &user.read("authority.pub"))
        .config_line("TrustedUserCAKeys {dir}/authority.pub");
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    let sign = |authority: &str, names: &str, validity: &str| {
        let arguments = ["-q", "-s", authority, "-I", "id", "-n", names];
        let validity = ["-V", validity, "key.pub"];
        keygen(&user, &[&arguments[..], &validity].concat());
        user.run(&["-i", "key", "-o", "BatchMode=yes", &place(&server)])
    };
    let certificate = "the certificate ssh-ed25519-cert-v01@openssh.com key";

    let ran = sign("authority", &name, "20200101:20200201");
    let expired = format!("denied: {certificate} has expired; the server refused");
    assert!(reason(&ran).contains(&expired), "{}", ran.err);
    let ran = sign("authority", &name, "20900101:20900201");
    let early = format!("denied: {certificate} is not valid yet; the server refused");
    assert!(reason(&ran).contains(&early), "{}", ran.err);
    let ran = sign("authority", "bob,carol", "20200101:20900101");
    let others = format!("denied: {certificate} is for bob,carol; the server refused");
    assert!(reason(&ran).contains(&others), "{}", ran.err);
    // Nothing is wrong with it that can be seen from here.
    let ran = sign("stranger", &name, "20200101:20900101");
    assert!(
        reason(&ran).contains("denied: the server refused"),
        "{}",
        ran.err
    );
    assert!(reason(&ran).contains("authority"), "{}", ran.err);
    sign("authority", &name, "20200101:20900101").expect(0);
}

#[test]
fn a_passphrase_that_is_wrong_or_not_given() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "open sesame");
    let server = OpenSsh::start(Sshd::builder().authorized_key(&user.read("key.pub")));
    server.trusted_by(&user, HostKeyType::Ed25519);
    let place = place(&server);
    let keys_only = "PreferredAuthentications=publickey";
    user.answer("*", "wrong");
    let ran = user.run(&["-i", "key", "-o", keys_only, &place]);
    let wrong = "ssh-ed25519 key: the passphrase was wrong 3 times; ";
    assert!(reason(&ran).contains(wrong), "{}", ran.err);
    let batch = ["-i", "key", "-o", keys_only, "-o", "BatchMode=yes", &place];
    let ran = user.run(&batch);
    let locked = "ssh-ed25519 key: it is encrypted, and nobody gave the passphrase; ";
    assert!(reason(&ran).contains(locked), "{}", ran.err);
}

/// Whose key is refused is asked for a password that he may not know.
#[test]
fn a_refused_key_is_not_forgotten_for_a_refused_password() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "");
    let builder = Sshd::builder()
        .config_line("PasswordAuthentication yes")
        .config_line("KbdInteractiveAuthentication no");
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    user.answer("*", "wrong");
    let once = "NumberOfPasswordPrompts=1";
    let ran = user.run(&["-i", "key", "-o", once, &place(&server)]);
    let both = "the server refused the key ssh-ed25519 key; the server refused the password; ";
    assert!(reason(&ran).contains(both), "{}", ran.err);
}

/// The way out that the diagnosis names where requests were sent ahead.
#[test]
fn one_request_at_a_time() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "");
    let server = OpenSsh::start(Sshd::builder().authorized_key(&user.read("key.pub")));
    server.trusted_by(&user, HostKeyType::Ed25519);
    let waits = |options: &[&str]| {
        let place = place(&server);
        let ran = user.run(&[&["-v", "-i", "key"], options, &[&place]].concat());
        ran.expect(0);
        let row = |words: &str| ran.err.lines().position(|line| line.contains(words));
        row("service accepted: ").unwrap() < row("would this key do?").unwrap()
    };
    assert!(waits(&["-o", "Pipelining=no"]));
    assert!(!waits(&["-o", "Pipelining=yes"]));
    assert!(!waits(&[]));
}
