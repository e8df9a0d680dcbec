#!/usr/bin/env python3
"""A TLS server on a free port of loopback that hands requests on: CERTIFICATE KEY URL SEEN. Prints its port, and notes header fields."""

import http.server
import ssl
import sys
import urllib.error
import urllib.request

CERTIFICATE, KEY, URL, SEEN = sys.argv[1:5]
NOTED = ("Authorization", "AccountID", "X-Scope-OrgID")


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def hand_on(self):
        with open(SEEN, "a", encoding="utf-8") as seen:
            for name in NOTED:
                if self.headers[name]:
                    seen.write(f"{name}: {self.headers[name]}\n")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        request = urllib.request.Request(URL + self.path, body, method=self.command)
        request.add_header("Content-Type", self.headers.get("Content-Type") or "text/plain")
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            answer = refused
        data = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type") or "text/plain")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = hand_on


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
server.daemon_threads = True
# The handshake is each connection's own: one that fails must not end the server.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
