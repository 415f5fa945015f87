"""A paramiko server for one connection, on standard input; its argument is the site file."""

import base64
import json
import logging
import socket
import sys
import threading

import paramiko

SITE = json.load(open(sys.argv[1], encoding="utf-8"))
KEYS = [base64.b64decode(line.split()[1]) for line in SITE["keys"]]


class Server(paramiko.ServerInterface):
    def __init__(self):
        self.step = 0
        self.round = 0

    def get_allowed_auths(self, username):
        return ",".join(SITE["steps"][self.step])

    def decide(self, username, method, right):
        if username != SITE["user"] or method not in SITE["steps"][self.step] or not right:
            return paramiko.AUTH_FAILED
        if self.step + 1 == len(SITE["steps"]):
            return paramiko.AUTH_SUCCESSFUL
        self.step += 1
        return paramiko.AUTH_PARTIALLY_SUCCESSFUL

    def check_auth_password(self, username, password):
        return self.decide(username, "password", password == SITE["password"])

    def check_auth_publickey(self, username, key):
        # Called for a query, and again before a signature is checked, without a word on which it
        # is: a step behind this one could not be taken safely.
        known = username == SITE["user"] and "publickey" in SITE["steps"][self.step]
        if not known or key.asbytes() not in KEYS or self.step + 1 < len(SITE["steps"]):
            return paramiko.AUTH_FAILED
        return paramiko.AUTH_SUCCESSFUL

    def check_auth_interactive(self, username, submethods):
        if "keyboard-interactive" not in SITE["steps"][self.step]:
            return paramiko.AUTH_FAILED
        self.user = username
        self.round = 0
        return self.challenge()

    def challenge(self):
        asked = SITE["rounds"][self.round]
        query = paramiko.InteractiveQuery(asked["name"], asked["instruction"])
        for question in asked["questions"]:
            query.add_prompt(question["prompt"], question["echo"])
        return query

    def check_auth_interactive_response(self, responses):
        right = [question["answer"] for question in SITE["rounds"][self.round]["questions"]]
        if list(responses) != right:
            return paramiko.AUTH_FAILED
        self.round += 1
        if self.round < len(SITE["rounds"]):
            return self.challenge()
        return self.decide(self.user, "keyboard-interactive", True)

    def get_banner(self):
        return (SITE["banner"], "") if SITE["banner"] else (None, None)

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        threading.Thread(target=run, args=[channel], daemon=True).start()
        return True


def run(channel):
    channel.sendall(b"42\n")
    channel.send_exit_status(0)
    channel.close()


logging.basicConfig(level=logging.DEBUG)
transport = paramiko.Transport(socket.socket(fileno=0))
transport.add_server_key(paramiko.Ed25519Key.from_private_key_file(SITE["host_key"]))
transport.start_server(event=threading.Event(), server=Server())
transport.join()
