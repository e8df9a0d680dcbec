"""Runs a client as a process of its own and reads what it has used."""

import dataclasses
import json
import os
import subprocess
import tempfile
import time


class ClientFailed(RuntimeError):
    """A peer did not do its work; the text says which and what it said."""


@dataclasses.dataclass
class Usage:
    """What one command has used."""
    cpu_seconds: float
    # Of it, the kernel's work for it.
    kernel_cpu_seconds: float
    peak_memory_bytes: int
    wall_seconds: float
    # Of all CPUs and all processes while it ran.
    machine_cpu_seconds: float


def _machine_cpu_seconds():
    """CPU time that all processes have used since the machine's start: user, nice, system, irq and softirq of proc(5), stat."""
    with open("/proc/stat", encoding="utf-8") as file:
        ticks = [int(field) for field in file.readline().split()[1:]]
    return (sum(ticks[:3]) + sum(ticks[5:7])) / os.sysconf("SC_CLK_TCK")


def run(command, timeout_seconds=300, environment=None):
    """Standard output and usage of one command."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        machine_before, begun = _machine_cpu_seconds(), time.monotonic()
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
        return output.read().decode(), Usage(
            cpu_seconds=usage.ru_utime + usage.ru_stime, kernel_cpu_seconds=usage.ru_stime,
            peak_memory_bytes=peak_memory_bytes, wall_seconds=time.monotonic() - begun,
            machine_cpu_seconds=_machine_cpu_seconds() - machine_before)


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


def figures(text, usage):
    """One measurement, from the line of JSON that a client printed last and from what its process used."""
    return {**measurement({**dataclasses.asdict(usage), **last_json(text)}), **of_machine(usage)}


def of_machine(usage):
    """What the machine did beside the client."""
    return {"machine_busy_percent": usage.machine_cpu_seconds / (usage.wall_seconds * os.cpu_count()) * 100,
            "others_cpu_seconds": usage.machine_cpu_seconds - usage.cpu_seconds}


def measurement(printed):
    """The client's own figures, of a line of JSON that holds all of them."""
    requests = printed["requests"]
    if requests == 0 or printed["failed"] > 0:
        raise ClientFailed(f"{printed['failed']} creates failed and {requests} did not")

    def us_per_create(key):
        return printed[key] / requests * 1e6

    return {
        "requests": requests,
        "creates_per_second": requests / printed["wall_seconds"],
        "cpu_us_per_create": us_per_create("cpu_seconds"),
        "kernel_us_per_create": us_per_create("kernel_cpu_seconds"),
        "p50_ms": printed["p50_ms"],
        "p99_ms": printed["p99_ms"],
        "peak_memory_mb": printed["peak_memory_bytes"] / 1e6,
    }
