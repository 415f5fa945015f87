//! Logins to OpenSSH's server, by keys in files.

use std::fs;

use interop::sshd::{self, HostKeyType, Sshd, TestAccount};

use super::daemon::{OpenSsh, place};
use super::user::User;

#[test]
fn commands_and_how_they_end() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "");
    let builder = Sshd::builder().authorized_key(&user.read("key.pub"));
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    let place = place(&server);
    let run = |command: &str| user.run(&["-i", "key", &place, command]);

    let ran = run("echo out; echo err >&2; exit 7");
    ran.expect(7);
    assert_eq!(ran.out, "out\n");
    assert!(ran.err.ends_with("err\n"), "{}", ran.err);

    // More than the window, and an input that is at its end.
    let ran = run("cat; head -c 5000000 /dev/zero | tr '\\0' x");
    ran.expect(0);
    assert_eq!(ran.out.len(), 5_000_000);

    run("kill -9 $$").expect_failure("the command was ended by SIGKILL");
    let ran = run("exit 255");
    ran.expect(255);
    assert_eq!(ran.err, "");
}

#[test]
fn the_known_host_key_is_the_one_that_is_asked_for() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "");
    let builder = Sshd::builder()
        .authorized_key(&user.read("key.pub"))
        .host_keys(HostKeyType::ALL);
    let server = OpenSsh::start(builder);
    for key in HostKeyType::ALL {
        server.trusted_by(&user, *key);
        let strict = ["-i", "key", "-o", "StrictHostKeyChecking=yes"];
        user.run(&[&strict[..], &[&place(&server), "true"]].concat())
            .expect(0);
    }
}

#[test]
fn keys_of_every_type_with_and_without_passphrase() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    let names = ["ed25519", "ecdsa", "rsa"];
    let mut builder = Sshd::builder();
    for name in names {
        user.make_key(name, name, "open sesame");
        builder = builder.authorized_key(&user.read(&format!("{name}.pub")));
    }
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    user.answer("Passphrase*", "wrong");
    user.answer("Wrong passphrase*", "open sesame");
    for name in names {
        let ran = user.run(&["-i", name, &place(&server)]);
        ran.expect(0);
        let asked = format!(
            "Passphrase for the key {name}: \nWrong passphrase. Passphrase for the key {name}: \n"
        );
        assert!(user.asked().ends_with(&asked), "{}", user.asked());
    }
    // A key that the server doesn't want is not worth a passphrase.
    user.make_key("stranger", "ed25519", "open sesame");
    let before = user.asked();
    let ran = user.run(&[
        "-i",
        "stranger",
        "-o",
        "PreferredAuthentications=publickey",
        &place(&server),
    ]);
    ran.expect_failure("the server refused the only key that was offered, stranger; ");
    assert_eq!(user.asked(), before);
}

#[test]
fn the_usual_files_and_certificates_beside_them() {
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    let name = sshd::current_user().unwrap();
    fs::create_dir(user.path(".ssh")).unwrap();
    user.make_key("authority", "ed25519", "");
    user.make_key(".ssh/id_ed25519", "ed25519", "");
    user.make_key(".ssh/id_rsa", "rsa", "");
    let builder = Sshd::builder()
        .file("authority.pub", &user.read("authority.pub"))
        .config_line("TrustedUserCAKeys {dir}/authority.pub");
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    let run = || user.run(&["-o", "PreferredAuthentications=publickey", &place(&server)]);

    run().expect_failure("the server refused all 2 keys that were offered; ");
    for (key, key_type) in [("id_rsa", "ssh-rsa"), ("id_ed25519", "ssh-ed25519")] {
        let path = format!(".ssh/{key}");
        user.certify("authority", &path, &name);
        let ran = run();
        ran.expect(0);
        let used = format!(
            "{key_type}-cert-v01@openssh.com {}",
            user.path(&path).display()
        );
        assert!(ran.out.contains(&used), "{}", ran.out);
    }
}

#[test]
fn a_key_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    if sshd::require().is_none() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "");
    let server = OpenSsh::start(Sshd::builder().authorized_key(&user.read("key.pub")));
    server.trusted_by(&user, HostKeyType::Ed25519);
    fs::set_permissions(user.path("key"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(user.path("key.pub")).unwrap();
    let ran = user.run(&[
        "-i",
        "key",
        "-i",
        "no-key",
        "-o",
        "BatchMode=yes",
        &place(&server),
    ]);
    ran.expect(255);
    let notes: Vec<&str> = ran.err.lines().collect();
    assert_eq!(
        notes[0],
        "login: key is not used: others may read it (its mode is 0644)"
    );
    assert_eq!(notes[1], "login: no-key is not used: there is no such file");
    assert!(notes[2].contains("permission denied"), "{}", ran.err);
}

#[test]
fn a_password_of_the_system() {
    if !sshd::require_root() {
        return;
    }
    let account = TestAccount::create().unwrap();
    let user = User::new();
    let builder = Sshd::builder()
        .config_line("PasswordAuthentication yes")
        .config_line("KbdInteractiveAuthentication no");
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    let place = format!("{}@127.0.0.1:{}", account.name(), server.port);
    user.answer("*", "wrong");
    let ran = user.run(&["-o", "NumberOfPasswordPrompts=1", &place]);
    ran.expect_failure("the server refused the password; ");
    user.answer("*", account.password());
    let ran = user.run(&[&place, "id -un"]);
    ran.expect(0);
    assert_eq!(ran.out.trim(), account.name());
    assert!(!user.run(&["-v", &place]).err.contains(account.password()));
}
