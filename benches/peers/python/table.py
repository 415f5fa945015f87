"""Times and allocations as one table, with ratios."""

import sys

OURS, NEAREST, SIGNATURE = "ssh-userauth", "puressh 0.2.8", "one Ed25519 signature"
HEADING = ("login", "client", "ns", "of puressh", "of a signature", "allocations", "bytes")


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines]


def main(times, allocations):
    measured = {(login, who): float(ns) for login, who, ns in rows(times)}
    counted = {(login, who): (count, size) for login, who, count, size in rows(allocations)}
    table = [HEADING]
    for login in dict.fromkeys(login for login, _ in measured):
        nearest, signature = measured[login, NEAREST], measured[login, SIGNATURE]
        clients = [who for which, who in measured if which == login and who != SIGNATURE]
        for who in clients:
            ns = measured[login, who]
            shares = f"{100 * ns / nearest:.0f} %", f"{100 * ns / signature:.1f} %"
            table.append((login, who, f"{ns:.0f}", *shares, *counted.get((login, who), ("", ""))))
    table.append(("", SIGNATURE, f"{signature:.0f}", "", "100 %", "", ""))
    widths = [max(map(len, column)) for column in zip(*table)]
    table.insert(1, ["-" * width for width in widths])
    for row in table:
        cells = [cell.rjust(width) for cell, width in zip(row, widths)]
        cells[:2] = [cell.ljust(width) for cell, width in zip(row[:2], widths)]
        print("| " + " | ".join(cells) + " |")


main(*sys.argv[1:])
