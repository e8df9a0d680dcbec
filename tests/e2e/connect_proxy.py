"""An HTTP proxy that knows CONNECT alone: connect_proxy.py PORT TARGET_PORT LOG.

Every tunnel ends at TARGET_PORT of this machine, whatever host was asked for. LOG gets the host of each request and the
credentials that came with it.
"""

import socket
import sys
import threading


def pipe(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for side in (source, sink):
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, target_port, log):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(4096)
        if not data:
            return
        head += data
    lines = head.decode("latin-1").split("\r\n")
    method, host, _ = lines[0].split(" ")
    proof = next((line for line in lines if line.lower().startswith("proxy-authorization:")), "no credentials")
    print(method, host, proof, file=log, flush=True)
    target = socket.create_connection(("127.0.0.1", target_port))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pipe, args=(client, target), daemon=True).start()
    pipe(target, client)


def main():
    port, target_port, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with socket.create_server(("127.0.0.1", port)) as listener, open(path, "a", encoding="utf-8") as log:
        print("ready", file=log, flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, target_port, log), daemon=True).start()


main()
