"""Runs Twisted's SSHUserAuthClient on scripts and prints what it sends.

    python driver.py scripts/*.txt

The first line of the output is Twisted's version. Each other one is `== NAME` (the next script) or
the number of a step and an event: a packet in hex, `started NAME` (the service behind the login) or
`raised NAME` (an exception left the packet handler, upon which a reactor closes the connection).
Step 0 is the beginning; each `S` or `A` line of a script is a step.

The classes are Twisted's own, the transport's client included; only its `sendPacket` is ours.
README.md says how a script is written.
"""

import hashlib
import re
import struct
import sys

import twisted
from cryptography.hazmat.primitives.asymmetric import ed25519
from twisted.conch.ssh import keys, service, transport, userauth
from twisted.conch.ssh.common import NS
from twisted.internet import defer

SESSION_ID = bytes(range(32))

NUMBERS = {
    "disconnect": 1,
    "ignore": 2,
    "unimplemented": 3,
    "debug": 4,
    "accept": 6,
    "ext-info": 7,
    "failure": 51,
    "success": 52,
    "banner": 53,
    "pk-ok": 60,
    "change": 60,
    "prompts": 60,
}

FLAGS = {"no": b"\x00", "yes": b"\x01"}


def words(line):
    """The words of a line. A text in quotes keeps the one in front, so that it is known."""
    found = re.findall(r'"[^"]*"|\S+', line)
    return [text(word) if word.startswith('"') else word for word in found]


def text(word):
    return word[:-1].replace("\\n", "\n").replace("\\e", "\x1b")


def field(word):
    """One field of a message as bytes."""
    if word.startswith('"'):
        return NS(word[1:].encode())
    if word.startswith("#"):
        return struct.pack("!L", int(word[1:]))
    if word.startswith("0x"):
        return bytes.fromhex(word[2:])
    if word.startswith("key:"):
        return NS(key(word[4:]).blob())
    return FLAGS[word]


def message(line_words):
    kind, *fields = line_words
    return NUMBERS.get(kind) or int(kind), b"".join(map(field, fields))


def key(name):
    """A key that is made from its name."""
    if name.startswith("ed"):
        seed = name.encode().ljust(32, b"\0")
        return keys.Key(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    return keys.Key.fromString(FOREIGN[name], type="blob")


def mpint(number):
    return NS(number.to_bytes(number.bit_length() // 8 + 1, "big"))


# A point that every curve of the standard has: its generator.
P256_GENERATOR = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)

# Public keys without a private half: nobody checks their signatures here.
FOREIGN = {
    "rsa": NS(b"ssh-rsa") + mpint(65537) + mpint(int.from_bytes(b"\xa5" * 256, "big")),
    "ecdsa": NS(b"ecdsa-sha2-nistp256") + NS(b"nistp256") + NS(P256_GENERATOR),
}


def name_of(kind):
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


class Pipe:
    """What is below the transport."""

    def __init__(self):
        self.open = True

    def loseConnection(self):
        self.open = False

    def logPrefix(self):
        return "script"


class Transport(transport.SSHClientTransport):
    """Twisted's transport after the key exchange, but for the wire."""

    def __init__(self, events):
        self.events = events
        self.transport = Pipe()
        self.sessionID = SESSION_ID

    def sendPacket(self, messageType, payload):
        if self.transport.open:
            self.events.append((bytes([messageType]) + payload).hex())

    def receive(self, number, payload):
        # As `getPacket` counts.
        self.incomingPacketSequence += 1
        self.dispatchMessage(number, payload)


class Service(service.SSHService):
    """What is started behind the login."""

    def __init__(self, name, events):
        self.name = name
        self.events = events

    def serviceStarted(self):
        self.events.append("started " + self.name.decode())


class Client(userauth.SSHUserAuthClient):
    """A caller that answers what the script says."""

    def __init__(self, script, events):
        service_name = script.one("service", "ssh-connection").encode()
        super().__init__(script.one("user", "alice").encode(), Service(service_name, events))
        self.script = script
        self.waiting = []

    def later(self, kind, value):
        """The value as a Deferred, which fires when the script says so."""
        outcome = defer.Deferred()

        def fire():
            if value == "fail":
                outcome.errback(RuntimeError("the script fails here"))
            else:
                outcome.callback(value)

        if kind in self.script.head.get("late", ()):
            self.waiting.append(fire)
        else:
            fire()
        return outcome

    def getPublicKey(self):
        name = self.script.next("keys", None)
        if name is None:
            return None
        return self.later("keys", name if name == "fail" else key(name))

    def signData(self, publicKey, signData):
        how = self.script.next("sign", "yes")
        if how == "none":
            return None
        if how == "fail":
            return self.later("sign", "fail")
        if how == "empty":
            return self.later("sign", b"")
        if publicKey.isPublic():
            digest = hashlib.sha256(signData).digest()
            return self.later("sign", NS(publicKey.sshType()) + NS(digest))
        return self.later("sign", publicKey.sign(signData))

    def getPassword(self, prompt=None):
        if prompt is None:
            kind, password = "passwords", self.script.next("passwords", "none")
        elif prompt == b"Old Password: ":
            # Never late: our machine asks for both at once.
            kind, password = "old", self.script.next("old", "fail")
        else:
            kind, password = "change", self.script.next("new", "fail")
        if password == "raise":
            raise RuntimeError("the script raises here")
        if password == "none":
            return None
        return self.later(kind, password if password == "fail" else password[1:].encode())

    def getGenericAnswers(self, name, instruction, prompts):
        if not prompts:
            # A user is not asked, and a script has no line for it.
            return defer.succeed([])
        answers = self.script.next("answers", ["fail"])
        if answers == ["fail"]:
            return self.later("answers", "fail")
        return self.later("answers", [answer[1:] for answer in answers])


class Script:
    """One script: what the caller answers, and the steps."""

    def __init__(self, name):
        self.name = name
        self.head = {}
        self.steps = []

    def add(self, line):
        first, *rest = words(line)
        if first in ("S", "A"):
            self.steps.append((first, rest))
        elif first == "answers":
            self.head.setdefault(first, []).append(rest)
        elif first == "change":
            self.head.setdefault("old", []).append(rest[0])
            self.head.setdefault("new", []).append(rest[1])
        else:
            self.head.setdefault(first, []).extend(rest)

    def one(self, name, default):
        values = self.head.get(name)
        return values[0][1:] if values else default

    def next(self, name, default):
        values = self.head.get(name)
        return values.pop(0) if values else default

    def run(self):
        events = []
        wire = Transport(events)
        client = Client(self, events)
        wire.requestService(client)
        self.tell(0, events)
        for step, (kind, rest) in enumerate(self.steps, 1):
            if not wire.transport.open:
                break
            try:
                if kind == "S":
                    wire.receive(*message(rest))
                elif client.waiting:
                    client.waiting.pop(0)()
            except Exception as error:
                events.append("raised " + name_of(type(error)))
                wire.transport.open = False
            self.tell(step, events)

    def tell(self, step, events):
        for event in events:
            print(step, event)
        events.clear()


def read(path):
    script = None
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if line.startswith("== "):
                script = Script(line[3:])
                yield script
            elif line and not line.startswith("#"):
                script.add(line)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    print("Twisted", twisted.__version__)
    for path in sys.argv[1:]:
        for each in list(read(path)):
            print("==", each.name)
            each.run()
