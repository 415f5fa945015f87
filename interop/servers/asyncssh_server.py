"""An AsyncSSH server for one connection, on standard input; its argument is the site file."""

import asyncio
import json
import logging
import socket
import sys

import asyncssh

SITE = json.load(open(sys.argv[1], encoding="utf-8"))
KEYS = [asyncssh.import_public_key(line) for line in SITE["keys"]]
AUTHORITIES = [asyncssh.import_public_key(line) for line in SITE["authorities"]]
HOST = SITE["client_host"]
HOST_KEYS = [asyncssh.import_public_key(line) for line in HOST["keys"]] if HOST else []


class Server(asyncssh.SSHServer):
    def __init__(self):
        self.round = 0
        self.changes = SITE["password_changes"]
        self.password = SITE["password"]

    def connection_made(self, conn):
        self.conn = conn

    def begin_auth(self, username):
        if SITE["banner"]:
            self.conn.send_auth_banner(SITE["banner"])
        return True

    def allows(self, method):
        # It has no second factor: the first step is the only one.
        return method in SITE["steps"][0]

    def public_key_auth_supported(self):
        return self.allows("publickey")

    def validate_public_key(self, username, key):
        return username == SITE["user"] and key in KEYS

    def validate_ca_key(self, username, key):
        return username == SITE["user"] and key in AUTHORITIES

    def password_auth_supported(self):
        return self.allows("password")

    def validate_password(self, username, password):
        if username != SITE["user"] or password != self.password:
            return False
        if self.changes:
            raise asyncssh.PasswordChangeRequired("Your password has expired.")
        return True

    def change_password(self, username, old_password, new_password):
        if username != SITE["user"] or old_password != self.password:
            return False
        self.changes -= 1
        if self.changes:
            raise asyncssh.PasswordChangeRequired("The new password is too simple.")
        return True

    def kbdint_auth_supported(self):
        return self.allows("keyboard-interactive")

    def challenge(self):
        asked = SITE["rounds"][self.round]
        prompts = [(question["prompt"], question["echo"]) for question in asked["questions"]]
        return asked["name"], asked["instruction"], "", prompts

    def get_kbdint_challenge(self, username, lang, submethods):
        self.round = 0
        return self.challenge()

    def validate_kbdint_response(self, username, responses):
        right = [question["answer"] for question in SITE["rounds"][self.round]["questions"]]
        if username != SITE["user"] or list(responses) != right:
            return False
        self.round += 1
        return True if self.round == len(SITE["rounds"]) else self.challenge()

    def host_based_auth_supported(self):
        return self.allows("hostbased")

    def validate_host_public_key(self, client_host, client_addr, client_port, key):
        return client_host == HOST["name"] and key in HOST_KEYS

    def validate_host_based_user(self, username, client_host, client_username):
        return username == SITE["user"] and client_username == HOST["user"]


def run(process):
    process.stdout.write("42\n")
    process.exit(0)


async def serve():
    connection = await asyncssh.run_server(
        socket.socket(fileno=0),
        server_factory=Server,
        server_host_keys=[SITE["host_key"]],
        process_factory=run,
        # The client's word for its name: its socket has none.
        trust_client_host=True,
    )
    await connection.wait_closed()


logging.basicConfig(level=logging.DEBUG)
try:
    asyncio.run(serve())
except asyncssh.Error as error:
    logging.info("the connection ended: %s", error)
