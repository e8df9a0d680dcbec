"""nginx that answers every request with the same 201 of 400 bytes over TLS: what is left is the client's own cost."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

ANSWER_BYTES = 400


def _configuration(folder, port):
    answer = '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"perf-secret-000","namespace":"default"},"padding":"'
    answer += "x" * (ANSWER_BYTES - len(answer) - 2) + '"}'
    # Without multi_accept ten thousand connections are accepted one per turn of its event loop.
    scratch = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
daemon off;
worker_rlimit_nofile 40000;
events {{ worker_connections 20000; multi_accept on; }}
http {{
  access_log off;
  {scratch}
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  server {{
    listen 127.0.0.1:{port} ssl backlog=16384;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    ssl_session_cache shared:sessions:10m;
    location / {{ client_body_buffer_size 16k; default_type application/json; return 201 '{answer}'; }}
  }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class StaticServer:
    """Up inside a `with` block; its process is ended by its id."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="milo-perf-bench."))
        # Its worker is another user when this is root.
        self.folder.chmod(0o755)
        self.port = free_port()
        self.certificate = self.folder / "certificate.pem"
        self.key = self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(_configuration(self.folder, self.port))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([nginx, "-c", configuration], stderr=subprocess.DEVNULL)
        self._wait_until_up()
        return self

    def _wait_until_up(self):
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"nginx did not come up: {(self.folder / 'error.log').read_text()[-500:]}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"


def raise_file_limit():
    """As many open files as the system allows; gives the limit."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def cpu_seconds_of(pid):
    """CPU time of a process so far, its threads included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
