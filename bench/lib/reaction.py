"""How quick the program is to act: from its start to its first request, from a Ready on the server to its knowledge."""

import json
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from measure import ClientFailed, last_json, run

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def watch(projects):
    """One run of watch-bench: Projects of the fake Milo get Ready at 1,000 a second."""
    output, _ = run([REPOSITORY / "build/bench/watch-bench", "--projects", str(projects)])
    return last_json(output)


class _FirstRequest(threading.Thread):
    """A TLS server that notes when the first bytes of a request have come, and hangs up."""

    def __init__(self, certificate, key):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.at = None

    def run(self):
        self.listener.settimeout(10)
        while self.at is None:
            try:
                connection, _ = self.listener.accept()
                with self.context.wrap_socket(connection, server_side=True) as secured:
                    if secured.recv(16):
                        self.at = time.monotonic()
            except ssl.SSLError:
                continue
            except OSError:
                return


def start_to_first_request(certificate, key):
    """Seconds from the start of the whole program to the first bytes of a request at its server."""
    with tempfile.TemporaryDirectory(prefix="milo-perf-bench.") as folder:
        server = _FirstRequest(certificate, key)
        server.start()
        kubeconfig = pathlib.Path(folder) / "kubeconfig"
        kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "bench",
            "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
            "clusters": [{"name": "bench", "cluster": {"server": f"https://127.0.0.1:{server.port}",
                                                       "certificate-authority": str(certificate)}}],
            "users": [{"name": "bench", "user": {"token": "bench"}}]}))
        kubeconfig.chmod(0o600)
        environment = dict(os.environ, MILO_KUBECONFIG_PATH=str(kubeconfig), OUT_DIR=folder, KUBECONFIG="",
                           # Where nobody listens: the API's first request is what counts.
                           VM_BASE_URL="http://127.0.0.1:9", RETRY_MAX_ATTEMPTS="1")
        begun = time.monotonic()
        program = subprocess.Popen([REPOSITORY / "build/milo-perf", "run"], env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server.join(timeout=15)
        program.terminate()
        program.wait(timeout=15)
        server.listener.close()
        if server.at is None:
            raise ClientFailed("milo-perf sent no request within 10 s")
        return {"start_ms": (server.at - begun) * 1e3}
