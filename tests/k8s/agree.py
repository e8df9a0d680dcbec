#!/usr/bin/env python3
"""Compares a container's exported series with what was read of its process: agree.py OBSERVED CPU-EXPORT MEMORY-EXPORT

CPU: the growth between the first and the last sample, against /proc at the same moments (interpolated), within 5 %.
Memory: each sample lies between the least and the most that the control group had within a second of the sample's time (1 % allowed).
"""

import bisect
import json
import sys


def lines(path):
    """The JSON lines of a file."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def samples(path, first, last):
    """(time, value) of the one exported series, within the observed time."""
    series = lines(path)
    assert len(series) == 1, f"{len(series)} series in {path}"
    pairs = [(stamp / 1000, value) for stamp, value in zip(series[0]["timestamps"], series[0]["values"])]
    # A scrape between two housekeepings of cAdvisor repeats a sample with its time.
    return [pair for pair in sorted(set(pairs)) if first + 1 <= pair[0] <= last - 1]


def cpu_at(observed, times, moment):
    """CPU seconds at a moment, between the two readings around it."""
    after = bisect.bisect_left(times, moment)
    early, late = observed[after - 1], observed[after]
    share = (moment - early["time"]) / (late["time"] - early["time"])
    return early["cpu_seconds"] + share * (late["cpu_seconds"] - early["cpu_seconds"])


def main():
    """Exits with 1 when they do not agree."""
    observed = lines(sys.argv[1])
    times = [reading["time"] for reading in observed]
    cpu = samples(sys.argv[2], times[0], times[-1])
    assert len(cpu) >= 5, f"only {len(cpu)} samples of CPU"
    (start, before), (end, after) = cpu[0], cpu[-1]
    of_series = after - before
    of_proc = cpu_at(observed, times, end) - cpu_at(observed, times, start)
    print(f"CPU over {end - start:.1f} s: {of_series:.2f} s of the container, {of_proc:.2f} s of /proc ({of_series / of_proc - 1:+.1%})")
    assert of_proc > 1, "the process has hardly worked"
    assert abs(of_series / of_proc - 1) <= 0.05

    memory = samples(sys.argv[3], times[0], times[-1])
    assert len(memory) >= 5, f"only {len(memory)} samples of memory"
    worst = 0.0
    for moment, value in memory:
        near = [reading["working_set_bytes"] for reading in observed if abs(reading["time"] - moment) <= 1]
        worst = max(worst, value / max(near) - 1, 1 - value / min(near))
    print(f"memory: {len(memory)} samples, at most {worst:.2%} outside of what the control group had; the last one {memory[-1][1]:,.0f} bytes")
    assert worst <= 0.01


main()
