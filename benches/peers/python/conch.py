"""Twisted Conch's SSHUserAuthClient on a transport that only listens.

The service request is the transport's affair there: it is left out.
"""

import sys

from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.internet.defer import succeed

import common


class Service:
    name = b"ssh-connection"


class Transport:
    sessionID = common.SESSION_ID

    def __init__(self):
        self.sent, self.authenticated = [], False

    def sendPacket(self, number, payload):
        self.sent.append(bytes((number,)) + payload)

    def setService(self, service):
        self.authenticated = True


class Client(SSHUserAuthClient):
    def __init__(self, key):
        super().__init__(common.USER.encode(), Service())
        self.key = key

    def getPublicKey(self):
        return self.key

    def signData(self, public_key, data):
        return succeed(common.SIGNATURE)

    def getPassword(self, prompt=None):
        return succeed(common.PASSWORD.encode())

    def getGenericAnswers(self, name, instruction, prompts):
        return succeed([common.ANSWER for _ in prompts])


def login(conversation, key):
    client = Client(key)
    client.transport = transport = Transport()
    client.serviceStarted()
    for packet in conversation.server[1:]:
        client.packetReceived(packet[0], packet[1:])
    assert transport.authenticated
    return transport.sent


for conversation in common.conversations(sys.argv[1]):
    key = None
    if conversation.method == "publickey":
        key = Key.fromString(conversation.key_blob())
    common.check("Conch", login(conversation, key), conversation.client[1:])
    common.report(conversation.method, "Twisted Conch 26.10.0", lambda: login(conversation, key))
