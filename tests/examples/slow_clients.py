#!/usr/bin/env python3
"""Slow clients against the example service: slow_clients.py PORT PROCESS TOKEN.

200 clients send a header byte by byte, without a token, and 100 read nothing of a large answer. Meanwhile a normal
client must be answered within two seconds, and the service must use little processor time.
"""

import os
import socket
import sys
import time

PORT, PROCESS, TOKEN = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def ask():
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as honest:
        honest.sendall(
            b"GET /v1/syncs?provider=nobody HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
            + TOKEN.encode() + b"\r\n\r\n")
        answer = b""
        while block := honest.recv(65536):
            answer += block
    assert answer.startswith(b"HTTP/1.1 200"), answer[:100]
    return time.monotonic() - start


def processor_seconds():
    with open(f"/proc/{PROCESS}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


slow = []
for i in range(300):
    client = socket.create_connection(("127.0.0.1", PORT))
    if i < 200:
        client.sendall(b"GET /v1/syncs HTTP/1.1\r\nHost: x\r\nX-A: ")
    else:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /v1/syncs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n")
    slow.append(client)
worst = 0.0
before = processor_seconds()
for _ in range(8):
    for client in slow[:200]:
        client.sendall(b"a")
    worst = max(worst, ask())
    time.sleep(0.25)
used = processor_seconds() - before
print(f"server: beside 300 slow clients: {worst * 1000:.0f} ms at most, {used:.2f} s of processor time")
assert worst < 2 and used < 1.5, (worst, used)

# Trickling does not keep a connection open: a request must arrive within 10 seconds.
deadline = time.monotonic() + 15
gone = 0
for client in slow[:200]:
    client.settimeout(max(0.1, deadline - time.monotonic()))
    try:
        gone += client.recv(100) == b""
    except ConnectionError:
        gone += 1
print(f"server: {gone} of 200 slow clients were dropped")
assert gone == 200
for client in slow:
    client.close()
