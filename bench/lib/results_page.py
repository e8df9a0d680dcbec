"""bench/RESULTS.md, made of what was measured."""

import dataclasses
import os
import statistics

from environment import environment
from peers import SECRETS_PER_PROJECT, STANDARD_RUN, shaped

PACKAGES = [("wrk", "wrk"), ("python3-kubernetes", "python3-kubernetes"), ("nginx", "nginx-light"), ("OpenSSL", "openssl")]
MODULES = ["hey", "vegeta", "fortio"]


@dataclasses.dataclass
class Measured:
    """Measurements by client (static, apiserver), by requests in flight (growth), by Projects (watch); starts of the program."""
    static: dict
    growth: dict
    watch: dict
    starts: list
    apiserver: dict


def _median(measured, key):
    return statistics.median(one[key] for one in measured)


def _spread(values, digits=2):
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _ratios(measured, other, key):
    return [mine[key] / theirs[key] for mine, theirs in zip(measured, other)]


def _table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def _figures_table(measured):
    return _table(
        ["client", "creates/s", "client CPU per create, µs", "of it in the kernel, µs", "p50, ms", "p99, ms", "peak memory, MB"],
        [[name, f"{_median(all_, 'creates_per_second'):,.0f}", f"{_median(all_, 'cpu_us_per_create'):.1f}",
          f"{_median(all_, 'kernel_us_per_create'):.1f}", f"{_median(all_, 'p50_ms'):.2f}", f"{_median(all_, 'p99_ms'):.2f}",
          f"{_median(all_, 'peak_memory_mb'):.0f}"] for name, all_ in measured.items()])


def _growth_table(growth):
    base = growth["32"]
    rows = []
    for count, all_ in growth.items():
        ratio = "1" if count == "32" else _spread(_ratios(all_, base, "cpu_us_per_create"))
        rows.append([f"{int(count):,}", f"{_median(all_, 'cpu_us_per_create'):.1f}",
                     f"{_median(all_, 'kernel_us_per_create'):.1f}", ratio,
                     f"{_median(all_, 'peak_memory_mb'):.0f}"])
    return _table(["in flight", "client CPU per create, µs", "of it in the kernel, µs", "against 32 in flight", "peak memory, MB"], rows)


def _watch_table(watch):
    return _table(
        ["Projects", "client CPU per Project, µs", "lag p50, ms", "lag p99, ms", "lag max, ms"],
        [[f"{int(count):,}", *(_spread([one[key] for one in all_], digits)
                               for key, digits in (("cpu_us_per_project", 1), ("lag_p50_ms", 2), ("lag_p99_ms", 2), ("lag_max_ms", 2)))]
         for count, all_ in watch.items()])


def _bars(measured):
    """The ratios that matter, each with the bar that it is held to."""
    static, growth, apiserver = measured.static, measured.growth, measured.apiserver
    cpu, rate = "cpu_us_per_create", "creates_per_second"
    rows = [
        ("creates/s on the kube-apiserver, against wrk", _ratios(apiserver["milo-perf"], apiserver["wrk"], rate), ">=", 0.95),
        ("creates/s on the kube-apiserver, against Python threads",
         _ratios(apiserver[shaped("milo-perf")], apiserver[shaped("Python threads")], rate), ">=", 5),
        ("CPU per create on the static server, against wrk", _ratios(static["milo-perf"], static["wrk"], cpu), "<=", 1.0),
        ("CPU per create on the static server, against hey", _ratios(static["milo-perf"], static["hey"], cpu), "<=", 0.33),
    ]
    for count in ("1000", "10000"):
        if count in growth:
            rows.append((f"CPU per create at {int(count):,} in flight, against 32",
                         _ratios(growth[count], growth["32"], cpu), "<=", 1.5))
    if "10000" in growth:
        rows.append(("peak memory at 10,000 TLS requests in flight, MB",
                     [one["peak_memory_mb"] for one in growth["10000"]], "<=", 400))
    if "1000" in measured.watch:
        rows.append(("lag of the watch at 1,000 Projects, p99, ms", [one["lag_p99_ms"] for one in measured.watch["1000"]], "<=", 10))
    rows.append(("start of the program to its first request, ms", [one["start_ms"] for one in measured.starts], "<=", 50))
    table = []
    for what, values, sign, bar in rows:
        median = statistics.median(values)
        reached = median >= bar if sign == ">=" else median <= bar
        table.append([what, _spread(values), f"{sign.replace('>=', '≥').replace('<=', '≤')} {bar}", "yes" if reached else "no"])
    return _table(["what", "median (least to most)", "bar", "reached"], table)


def _server_bound(apiserver):
    """What the machine leaves to a client: sentences."""
    wrk, threads = apiserver["wrk"], apiserver[shaped("Python threads")]
    others = statistics.median(one["others_cpu_seconds"] / one["requests"] for one in wrk)
    most = os.cpu_count() / others
    return (f"While wrk ran, {_median(wrk, 'machine_busy_percent'):.0f} % of the machine's CPU time was in use, "
            f"{others * 1e3:.2f} ms per create by others than wrk: etcd, kube-apiserver and nginx above all. "
            f"At that price {os.cpu_count()} CPUs make {most:,.0f} creates/s for a client that takes no CPU at all, "
            f"{most / _median(threads, 'creates_per_second'):.1f} times those of the Python threads, which left the machine "
            f"{100 - _median(threads, 'machine_busy_percent'):.0f} % idle.")


def write_page(path, options, in_flight, measured):
    path.write_text(f"""# Results of bench/compare

Written by `bench/compare`; run it again rather than edit this. {options.rounds} alternations, {len(measured.apiserver["wrk"])} on the
kube-apiserver, {in_flight} in flight.

{environment(PACKAGES, MODULES)}

## Against the bars

{_bars(measured)}

## Static TLS server

nginx answers every POST with the same 201 of 400 bytes. milo-perf is its API client with retries, histograms and time line
(`bench/engine-bench`), handshakes left out; the others are measured as whole processes. wrk makes unique bodies in Lua; hey, vegeta and
fortio are Go programs on one CPU each and send one body; none of them parses JSON.

{_figures_table(measured.static)}

## Growth with the requests in flight

Static TLS server, handshakes left out; the numbers in flight in turn within one process, {len(measured.growth["32"])} times; memory of one process each.

{_growth_table(measured.growth)}

## Watch

Projects of a fake Milo become Ready at 1,000 a second; the lag is from just before the server's change to the client's knowledge of it
(`bench/watch-bench`).

{_watch_table(measured.watch)}

## kube-apiserver

The local stack through its front door, etcd with fsync unless the stack was told otherwise. wrk and milo-perf create all Secrets in one
Project; "{STANDARD_RUN.project_concurrency} × {STANDARD_RUN.object_concurrency}" is {SECRETS_PER_PROJECT} Secrets in each Project, {STANDARD_RUN.project_concurrency} Projects at a time and {STANDARD_RUN.object_concurrency} Secrets in each, the Python threads with a client for each Project, as
the runner does that milo-perf replaces. milo-perf is the whole program, with its checks, snapshots and report in its CPU time.

{_figures_table(measured.apiserver)}

{_server_bound(measured.apiserver)}
""", encoding="utf-8")
