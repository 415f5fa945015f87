"""Logs in with Paramiko's client and says when it is done.

Arguments: address, port, user, case, key files. The secret is in the environment.
"""

import os
import socket
import sys
import time

import paramiko

ADDRESS, PORT, USER, CASE, *KEYS = sys.argv[1:]
SECRET = os.environ["ROUND_TRIPS_SECRET"]

transport = paramiko.Transport(socket.create_connection((ADDRESS, int(PORT))))
transport.start_client(timeout=60)
left = []
for file in KEYS:
    try:
        left = transport.auth_publickey(USER, paramiko.Ed25519Key(filename=file))
        break
    except paramiko.AuthenticationException:
        pass
if CASE == "password" or left:
    transport.auth_password(USER, SECRET, fallback=False)
if CASE == "interactive":
    transport.auth_interactive(USER, lambda title, text, prompts: [SECRET for _ in prompts])
assert transport.is_authenticated()
print("LOGGED-IN", flush=True)
time.sleep(60)
