"""AsyncSSH's SSHClientConnection without a socket.

One connection is put back to its first state for each login: only the authentication is measured,
with the turns of the event loop that it takes.
"""

import asyncio
import sys
import time

import asyncssh
from asyncssh.connection import SSHClientConnection, SSHClientConnectionOptions
from asyncssh.packet import SSHPacket
from asyncssh.public_key import SSHKeyPair

import common


class Key(SSHKeyPair):
    def __init__(self, blob):
        algorithm = common.ALGORITHM
        super().__init__(algorithm, algorithm, (algorithm,), (algorithm,), blob, None)

    def sign(self, data):
        return common.SIGNATURE


class Owner(asyncssh.SSHClient):
    def password_auth_requested(self):
        return common.PASSWORD

    def kbdint_auth_requested(self):
        return ""

    def kbdint_challenge_received(self, name, instructions, lang, prompts):
        return [common.ANSWER for _ in prompts]


def connection(loop):
    options = SSHClientConnectionOptions(
        username=common.USER, client_keys=None, agent_path=None, config=None, known_hosts=None
    )
    client = SSHClientConnection(loop, options)
    client._owner, client._session_id = Owner(), common.SESSION_ID
    client._recv_encryption = object()
    client._send_deferred_packets = client._set_keepalive_timer = lambda: None
    return client


async def login(client, conversation, key):
    sent = []
    client.send_packet = lambda number, *parts, handler=None: sent.append(
        bytes((number,)) + b"".join(parts)
    )
    client._auth, client._auth_methods, client._auth_complete = None, [b"none"], False
    client._auth_was_trivial, client._can_recv_ext_info = True, True
    client._client_keys, client._get_agent_keys = [key] if key else [], False
    client._next_service = b"ssh-userauth"
    client.send_service_request(b"ssh-userauth")
    for packet in conversation.server:
        # What the client does next is a task of its own: it sends before the server speaks again.
        while len(sent) < 1 + conversation.server.index(packet):
            await asyncio.sleep(0)
        handler = client
        if 60 <= packet[0] <= 79:
            handler = client._auth
        result = handler.process_packet(packet[0], 0, SSHPacket(packet[1:]))
        assert result, packet
    assert client._auth_complete
    return sent


async def main():
    client = connection(asyncio.get_running_loop())
    for conversation in common.conversations(sys.argv[1]):
        key = Key(conversation.key_blob()) if conversation.method == "publickey" else None
        got = await login(client, conversation, key)
        common.check("AsyncSSH", got, conversation.client)
        await report(client, conversation, key)


async def report(client, conversation, key):
    runs = []
    for _ in range(common.RUNS):
        begin = time.thread_time_ns()
        for _ in range(common.LOGINS):
            await login(client, conversation, key)
        runs.append(time.thread_time_ns() - begin)
    common.show(conversation.method, "AsyncSSH 2.24.1", runs)


asyncio.run(main())
