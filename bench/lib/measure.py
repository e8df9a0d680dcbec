"""Runs a client as a process of its own and reads what it has used."""

import json
import os
import subprocess
import tempfile
import time


class ClientFailed(RuntimeError):
    """A peer did not do its work; the text says which and what it said."""


def run(command, timeout_seconds=300, environment=None):
    """Standard output, CPU seconds (user and system) and peak resident bytes of one command."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        try:
            usage, peak_memory_bytes = _wait(process, timeout_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            os.wait4(process.pid, 0)
            raise ClientFailed(f"{command[0]} did not end within {timeout_seconds} s") from None
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            said = errors.read().decode(errors="replace").strip().splitlines()[-3:]
            raise ClientFailed(f"{command[0]} ended with {process.returncode}: {' '.join(said)}")
        return output.read().decode(), usage.ru_utime + usage.ru_stime, peak_memory_bytes


def _peak_memory_bytes(pid):
    """0 when the process is gone. Not ru_maxrss: a child inherits that of this interpreter through exec."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def _wait(process, timeout_seconds):
    """wait4 with a limit, for the usage of this child alone; and its peak memory, seen every 10 ms."""
    deadline = time.monotonic() + timeout_seconds
    peak = 0
    while True:
        peak = max(peak, _peak_memory_bytes(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage, peak
        if time.monotonic() > deadline:
            raise subprocess.TimeoutExpired(process.args, timeout_seconds)
        time.sleep(0.01)


def all_json(text):
    """All lines that are JSON objects."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def last_json(text):
    """The last line that is a JSON object."""
    found = all_json(text)
    if not found:
        raise ClientFailed("a client printed no figures")
    return found[-1]


def figures(text, cpu_seconds, peak_memory_bytes):
    """One measurement, from the line of JSON that a client printed last and from what its process used."""
    return measurement({"cpu_seconds": cpu_seconds, "peak_memory_bytes": peak_memory_bytes, **last_json(text)})


def measurement(printed):
    """The same of a line of JSON that holds all of it."""
    requests = printed["requests"]
    if requests == 0 or printed["failed"] > 0:
        raise ClientFailed(f"{printed['failed']} creates failed and {requests} did not")
    return {
        "requests": requests,
        "creates_per_second": requests / printed["wall_seconds"],
        # What a client prints of itself leaves out its start and its handshakes.
        "cpu_us_per_create": (printed.get("cpu_seconds_per_request") or printed["cpu_seconds"] / requests) * 1e6,
        "p50_ms": printed["p50_ms"],
        "p99_ms": printed["p99_ms"],
        "peak_memory_mb": printed["peak_memory_bytes"] / 1e6,
    }
