"""paramiko's AuthHandler on a transport that only listens.

It asks for the service again before each method, and signs without a query.
"""

import sys
import threading

from paramiko.auth_handler import AuthHandler
from paramiko.common import cMSG_USERAUTH_REQUEST
from paramiko.message import Message

import common


class Signed:
    def __init__(self, blob):
        self.blob = blob

    def asbytes(self):
        return self.blob


class Key:
    """What the handler wants of a key."""

    public_blob = None

    def __init__(self, blob):
        self.blob = blob

    def get_name(self):
        return common.ALGORITHM.decode()

    def asbytes(self):
        return self.blob

    def sign_ssh_data(self, data, algorithm):
        return Signed(common.SIGNATURE)


class Transport:
    session_id = common.SESSION_ID
    server_mode = False

    def __init__(self):
        self.lock, self.sent, self.saved_exception = threading.Lock(), [], None

    def _send_message(self, message):
        self.sent.append(message.asbytes())

    def _log(self, *args):
        pass

    def _auth_trigger(self):
        pass


def login(conversation, key):
    transport = Transport()
    handler = AuthHandler(transport)
    accept, failure, *rest = conversation.server
    if conversation.method == "publickey":
        rest = rest[1:]
    handler.auth_none(common.USER, threading.Event())
    hear(handler, accept)
    hear(handler, failure)
    event = threading.Event()
    if conversation.method == "publickey":
        handler.auth_publickey(common.USER, key, event)
    elif conversation.method == "password":
        handler.auth_password(common.USER, common.PASSWORD, event)
    else:
        answers = lambda title, text, prompts: [common.ANSWER for _ in prompts]
        handler.auth_interactive(common.USER, answers, event)
    hear(handler, accept)
    for packet in rest:
        hear(handler, packet)
    assert handler.is_authenticated() and event.is_set()
    return transport.sent


def hear(handler, packet):
    handler._handler_table[packet[0]](Message(packet[1:]))


for conversation in common.conversations(sys.argv[1]):
    key, ours = None, conversation.client
    wanted = ours[:2] + ours[:1] + ours[2:]
    if conversation.method == "publickey":
        key = Key(conversation.key_blob())
        wanted.pop(3)
    common.check("paramiko", login(conversation, key), wanted)
    common.report(conversation.method, "paramiko 5.1.0", lambda: login(conversation, key))
