#!/usr/bin/env python3
"""Reads a process's CPU time and its control group's memory until told to stop, as JSON lines: observe.py PID SECONDS

Each line: {"time": s since the epoch, "cpu_seconds": of /proc, "working_set_bytes": the group's usage less its inactive file pages}
"""

import json
import os
import pathlib
import sys
import time


def memory_files(pid):
    """The files of usage and statistics of the process's control group, and the name of the figure to subtract."""
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            group = pathlib.Path("/sys/fs/cgroup/memory" + path)
            return group / "memory.usage_in_bytes", group / "memory.stat", "total_inactive_file"
        if controllers == "" and pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists():
            group = pathlib.Path("/sys/fs/cgroup" + path)
            return group / "memory.current", group / "memory.stat", "inactive_file"
    sys.exit("observe.py: the process has no control group for memory")


def cpu_seconds(pid):
    """User and system time of the process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    """Prints a line every 100 ms."""
    pid, seconds = sys.argv[1], float(sys.argv[2])
    usage, statistics, inactive = memory_files(pid)
    end = time.time() + seconds
    while time.time() < end:
        figures = dict(line.split() for line in statistics.read_text(encoding="utf-8").splitlines())
        memory = int(usage.read_text(encoding="utf-8")) - int(figures[inactive])
        print(json.dumps({"time": time.time(), "cpu_seconds": cpu_seconds(pid), "working_set_bytes": memory}), flush=True)
        time.sleep(0.1)


main()
