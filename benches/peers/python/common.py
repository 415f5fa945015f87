"""The conversations, what every client answers, and the clock."""

import statistics
import struct
import sys
import time

USER = "alice"
SESSION_ID = bytes([7]) * 32
PASSWORD = "correct horse"
ANSWER = "123456"
ALGORITHM = b"ssh-ed25519"
RUNS, LOGINS = 101, 20


def string(data):
    return struct.pack(">I", len(data)) + data


SIGNATURE = string(ALGORITHM) + string(bytes([9]) * 64)
METHODS = ("publickey", "password", "keyboard-interactive")


class Conversation:
    def __init__(self, method):
        self.method, self.server, self.client = method, [], []

    def key_blob(self):
        """The key that the server accepts: the last string of PK_OK."""
        pk_ok = next(packet for packet in self.server if packet[0] == 60)
        return pk_ok[1 + 4 + len(ALGORITHM) + 4 :]


def conversations(path):
    found = {method: Conversation(method) for method in METHODS}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            method, side, packet = line.rstrip("\n").split("\t")
            side = found[method].server if side == "S" else found[method].client
            side.append(bytes.fromhex(packet))
    return list(found.values())


def check(name, got, wanted):
    """Whoever sends something else is not compared."""
    if got != wanted:
        sys.exit(f"{name} sends other packets:\n{got}\n{wanted}")


def report(method, name, login):
    """Nanoseconds of a login on the processor: the median of many short runs."""
    runs = []
    for _ in range(RUNS):
        begin = time.thread_time_ns()
        for _ in range(LOGINS):
            login()
        runs.append(time.thread_time_ns() - begin)
    show(method, name, runs)


def show(method, name, runs):
    print(f"{method}\t{name}\t{statistics.median(runs) / LOGINS:.1f}", flush=True)
