#!/usr/bin/env python3
"""Where figures were measured, as Markdown: date and commit, machine, and the versions of the packages that are named."""

import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return (done.stdout.strip().splitlines() or ["unknown"])[0]


def _cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def environment(packages):
    """Three lines; `packages` are pairs of a name to show and the Debian package that tells the version."""
    commit = _first_line("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--exclude=*")
    versions = [f"{name} {_first_line('dpkg-query', '-W', '-f', '${Version}', package)}" for name, package in packages]
    return "\n".join([
        f"- {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, milo-perf {commit}",
        f"- {os.cpu_count()} × {_cpu_model()}, Linux {platform.release()}; server and client on one machine",
        f"- {', '.join(versions)}",
    ])


if __name__ == "__main__":
    print(environment([name.split("=", 1) for name in sys.argv[1:]]))
