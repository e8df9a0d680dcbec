#!/usr/bin/env python3
"""Where figures were measured, as Markdown: date and commit, machine, and versions: of the local stack's servers, as they say them, of
the packages that are named, and of what the modules of scripts/stack/servers pin."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def _first_line(*command, join=False):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    lines = done.stdout.strip().splitlines() or ["unknown"]
    return " ".join(lines) if join else lines[0]


def _cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def pinned_version(folder):
    """Of the module in a folder of scripts/stack/servers: the one that has its programs."""
    text = (REPOSITORY / "scripts/stack/servers" / folder / "go.mod").read_text(encoding="utf-8")
    tool = re.search(r"^tool (?:\(\n\t)?(\S+)$", text, re.MULTILINE).group(1)
    modules = re.findall(r"^(?:require |\t)(\S+) v(\S+)", text, re.MULTILINE)
    return next(version for module, version in modules if tool == module or tool.startswith(module + "/"))


def stack_versions():
    """Of the local stack in the environment, if there is one: its apiserver and its etcd."""
    settings = pathlib.Path(os.environ.get("STACK_DIR", "/nowhere")) / "settings"
    if not settings.exists():
        return []
    values = dict(line.split("=", 1) for line in settings.read_text(encoding="utf-8").splitlines())
    said = _first_line("kubectl", "get", "--raw", "/version", join=True)
    version = json.loads(said)["gitVersion"] if said.startswith("{") else "unknown"
    with urllib.request.urlopen(f"http://127.0.0.1:{values['STACK_ETCD_PORT']}/version", timeout=5) as answer:
        etcd = json.load(answer)["etcdserver"]
    name = "Milo, version" if values.get("STACK_MILO") else "kube-apiserver"
    return [f"{name} {'not told' if '$Format:' in version else version.removeprefix('v')}", f"etcd {etcd}"]


def environment(packages, modules=()):
    """Three lines; `packages` are pairs of a name to show and the Debian package that tells the version."""
    commit = _first_line("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--exclude=*")
    versions = stack_versions()
    versions += [f"{module} {pinned_version(module)}" for module in modules]
    versions += [f"{name} {_first_line('dpkg-query', '-W', '-f', '${Version}', package)}" for name, package in packages]
    return "\n".join([
        f"- {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, milo-perf {commit}",
        f"- {os.cpu_count()} × {_cpu_model()}, Linux {platform.release()}; server and client on one machine",
        f"- {', '.join(versions)}",
    ])


if __name__ == "__main__":
    print(environment([name.split("=", 1) for name in sys.argv[1:]]))
