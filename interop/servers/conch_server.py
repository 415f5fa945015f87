"""A Twisted Conch server for one connection, on standard input; its argument is the site file."""

import json
import socket
import sys

from twisted.conch.avatar import ConchUser
from twisted.conch.checkers import InMemorySSHKeyDB, SSHProtocolChecker, SSHPublicKeyChecker
from twisted.conch.interfaces import ISession
from twisted.conch.ssh import connection, factory, keys, session, userauth
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.credentials import ISSHPrivateKey
from twisted.cred.portal import IRealm, Portal
from twisted.internet import reactor
from twisted.internet.error import ProcessDone
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

SITE = json.load(open(sys.argv[1], encoding="utf-8"))
USER = SITE["user"].encode()
METHODS = {method for step in SITE["steps"] for method in step}


class Factors(SSHProtocolChecker):
    """Done when something of every step was shown, in any order."""

    def areDone(self, avatarId):
        shown = {
            "publickey" if ISSHPrivateKey.providedBy(shown) else "password"
            for shown in self.successfulCredentials[avatarId]
        }
        return all(shown.intersection(step) for step in SITE["steps"])


@implementer(ISession)
class User(ConchUser):
    def __init__(self):
        super().__init__()
        self.channelLookup[b"session"] = session.SSHSession

    def execCommand(self, protocol, command):
        protocol.outReceived(b"42\n")
        protocol.processEnded(Failure(ProcessDone(0)))

    def eofReceived(self):
        pass

    def closed(self):
        pass


@implementer(IRealm)
class Realm:
    def requestAvatar(self, avatarId, mind, *interfaces):
        return interfaces[0], User(), lambda: None


class UserAuth(userauth.SSHUserAuthServer):
    if SITE["max_tries"]:
        attemptsBeforeDisconnect = SITE["max_tries"]


class Transport(factory.SSHFactory.protocol):
    def connectionLost(self, reason):
        super().connectionLost(reason)
        if reactor.running:
            reactor.stop()


class Factory(factory.SSHFactory):
    protocol = Transport
    services = {b"ssh-userauth": UserAuth, b"ssh-connection": connection.SSHConnection}

    def __init__(self):
        key = keys.Key.fromFile(SITE["host_key"])
        self.privateKeys = {b"ssh-ed25519": key}
        self.publicKeys = {b"ssh-ed25519": key.public()}


def checker():
    factors = Factors()
    if "publickey" in METHODS:
        known = [keys.Key.fromString(line) for line in SITE["keys"]]
        factors.registerChecker(SSHPublicKeyChecker(InMemorySSHKeyDB({USER: known})))
    if "password" in METHODS:
        passwords = InMemoryUsernamePasswordDatabaseDontUse()
        passwords.addUser(USER, SITE["password"].encode())
        factors.registerChecker(passwords)
    return factors


log.startLogging(sys.stderr)
server = Factory()
server.portal = Portal(Realm(), [checker()])
server.doStart()
own = socket.socket(fileno=0)
own.setblocking(False)
reactor.adoptStreamConnection(own.fileno(), own.family, server)
own.close()
reactor.run()
