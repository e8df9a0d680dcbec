#!/usr/bin/env python3
"""A SOCKS5 proxy on loopback that leads every connection to one port and notes what it was asked: PORT TARGET-PORT LOG.

Whoever offers a password must have "pass".
"""

import socket
import struct
import sys
import threading

PORT, TARGET, LOG = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def exactly(peer, size):
    data = b""
    while len(data) < size:
        piece = peer.recv(size - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def authenticated(peer):
    methods = exactly(peer, exactly(peer, 2)[1])
    if 2 not in methods:
        peer.sendall(b"\x05\x00")
        return "no credentials"
    peer.sendall(b"\x05\x02")
    user = exactly(peer, exactly(peer, 2)[1]).decode()
    password = exactly(peer, exactly(peer, 1)[0]).decode()
    good = password == "pass"
    peer.sendall(b"\x01\x00" if good else b"\x01\x01")
    return f"{user}:{password}" if good else None


def target_of(peer):
    kind = exactly(peer, 4)[3]
    if kind == 3:
        host = exactly(peer, exactly(peer, 1)[0]).decode()
    else:
        host = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, exactly(peer, 4 if kind == 1 else 16))
    return f"{host}:{struct.unpack('>H', exactly(peer, 2))[0]}"


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(peer):
    try:
        who = authenticated(peer)
        if who is None:
            peer.close()
            return
        asked = target_of(peer)
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(f"CONNECT {asked} {who}\n")
        behind = socket.create_connection(("127.0.0.1", TARGET))
        peer.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    except OSError:
        peer.close()
        return
    threading.Thread(target=pump, args=(peer, behind), daemon=True).start()
    pump(behind, peer)


listener = socket.create_server(("127.0.0.1", PORT))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
