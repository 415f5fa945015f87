"""Runs `before.py`, the example of docs/from-conch.md, and prints what it sends, in hex.

    python examples.py PACKET …

Each PACKET is a message of the server in hex.
"""

import sys

import before
import driver
from twisted.internet import defer

events = []
wire = driver.Transport(events)
auth = before.Auth(
    b"alice",
    driver.Service(b"ssh-connection", events),
    [driver.key("ed1"), driver.key("ed2")],
    lambda prompt: defer.succeed("the answer to " + prompt.decode()),
)
wire.requestService(auth)
for packet in map(bytes.fromhex, sys.argv[1:]):
    wire.receive(packet[0], packet[1:])
print(*events, sep="\n")
