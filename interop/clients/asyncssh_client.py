"""Logs in with AsyncSSH's client as its users do, and says when it is done.

Arguments: address, port, user, case, key files. The secret is in the environment.
"""

import asyncio
import os
import sys

import asyncssh

ADDRESS, PORT, USER, CASE, *KEYS = sys.argv[1:]
SECRET = os.environ["ROUND_TRIPS_SECRET"]


class Client(asyncssh.SSHClient):
    def auth_completed(self):
        print("LOGGED-IN", flush=True)

    def kbdint_auth_requested(self):
        return "" if CASE == "interactive" else None

    def kbdint_challenge_received(self, name, instructions, lang, prompts):
        return [SECRET for _ in prompts]


async def main():
    await asyncssh.connect(
        ADDRESS,
        int(PORT),
        username=USER,
        client_factory=Client,
        client_keys=[asyncssh.read_private_key(file) for file in KEYS],
        password=SECRET if "password" in CASE else None,
        known_hosts=None,
        # All that it knows is more than Dropbear is willing to read.
        server_host_key_algs=["ssh-ed25519"],
        config=None,
        agent_path=None,
    )
    await asyncio.sleep(60)


asyncio.run(main())
