"""Verifies a list with the standard library's smtplib and a pool of threads.

    python3 smtplib_pool.py THREADS DNS-SERVER < list.txt > verdicts.csv

The standard library looks no mail exchangers up, so that the questions are put
here, each once; a script would use dnspython, which takes longer.
"""

import csv
import functools
import random
import smtplib
import socket
import struct
import sys
from concurrent.futures import ThreadPoolExecutor

MX, A = 15, 1


def skip(packet, at):
    """Returns the place behind the name at a place of a DNS message."""
    while packet[at] not in (0,) and packet[at] < 0xC0:
        at += packet[at] + 1
    return at + (2 if packet[at] >= 0xC0 else 1)


def name(packet, at):
    labels = []
    while packet[at]:
        if packet[at] >= 0xC0:
            at = struct.unpack_from("!H", packet, at)[0] & 0x3FFF
            continue
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii"))
        at += packet[at] + 1
    return ".".join(labels)


def ask(server, host, kind):
    """Returns the first record of a kind: a host name or an IP address."""
    ident = random.randrange(65536)
    question = b"".join(bytes([len(label)]) + label.encode("ascii") for label in host.split("."))
    query = struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0) + question + struct.pack("!xHH", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect(server)
        s.send(query)
        packet = s.recv(4096)
    count = struct.unpack_from("!H", packet, 6)[0]
    at = skip(packet, 12) + 4
    for _ in range(count):
        at = skip(packet, at)
        found, _, _, size = struct.unpack_from("!HHIH", packet, at)
        at += 10
        if found == kind:
            return name(packet, at + 2) if kind == MX else socket.inet_ntoa(packet[at : at + 4])
        at += size
    raise LookupError(host)


def verify(server, address):
    try:
        ip = route(server, address.rpartition("@")[2])
        with smtplib.SMTP(ip, 25, local_hostname="probe.example", timeout=30) as session:
            session.ehlo_or_helo_if_needed()
            session.mail("postmaster@probe.example")
            code, _ = session.rcpt(address)
    except (OSError, LookupError, smtplib.SMTPException):
        return address, "unknown"
    if code in (250, 251):
        return address, "deliverable"
    return address, "undeliverable" if code in (550, 551, 553) else "unknown"


@functools.cache
def address_of(server, host):
    return ask(server, host, A)


@functools.cache
def route(server, domain):
    return address_of(server, ask(server, domain, MX))


def main():
    threads = int(sys.argv[1])
    host, _, port = sys.argv[2].rpartition(":")
    server = (host, int(port))
    writer = csv.writer(sys.stdout)
    writer.writerow(["email", "verdict"])
    with ThreadPoolExecutor(threads) as pool:
        writer.writerows(pool.map(lambda line: verify(server, line.strip()), sys.stdin))


if __name__ == "__main__":
    main()
