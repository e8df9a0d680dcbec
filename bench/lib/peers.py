"""The clients that are compared: each makes the same creates and gives the figures of one measurement."""

import collections
import functools
import json
import os
import pathlib
import subprocess
import tempfile

from measure import ClientFailed, all_json, figures, measurement, of_machine, run

Shape = collections.namedtuple("Shape", "project_concurrency object_concurrency")
STANDARD_RUN = Shape(project_concurrency=4, object_concurrency=8)
SECRETS_PER_PROJECT = 100

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PEERS = REPOSITORY / "bench" / "peers"
TOKEN = "0123456789abcdef0123456789abcdef"


def shaped(client):
    """The name of a client that creates its Secrets as the standard run does."""
    return f"{client}, {STANDARD_RUN.project_concurrency} × {STANDARD_RUN.object_concurrency}"


def wrk(target, in_flight, seconds, prefix):
    command = ["wrk", "-t1", f"-c{in_flight}", f"-d{seconds}s", "--timeout", "30s", "-s", PEERS / "create.lua",
               target["url"], "--", prefix, target["path"], target["token"]]
    return figures(*run(command))


def _engine(target, requests, *options):
    # Opening ten thousand connections takes its time.
    return run([REPOSITORY / "build/bench/engine-bench", "--port", str(target["port"]), "--ca-file", target["ca_file"],
                "--requests", str(requests), *map(str, options)], timeout_seconds=900)


def engine(target, in_flight, requests):
    """milo-perf's client, with its retries, histograms and time line, and nothing else of the program."""
    return figures(*_engine(target, requests, "--in-flight", in_flight))


def engine_growth(target, counts, requests, rounds):
    """The same with each of several numbers in flight, in turn: measurements by number.

    They are of one process, which a machine whose speed drifts slows down for all of them. The memory is that of a
    process of its own for each number.
    """
    output, _ = _engine(target, requests, "--rounds", rounds, "--in-flight", *counts)
    peak_memory = {count: engine(target, count, 1)["peak_memory_mb"] for count in counts}
    measured = {str(count): [] for count in counts}
    for line in all_json(output):
        count = line["in_flight"]
        measured[str(count)].append({**measurement(line), "peak_memory_mb": peak_memory[count]})
    return measured


BODY = ('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"perf-secret-1","labels":{"app":"milo-perf",'
        '"test-id":"bench"}},"type":"Opaque","stringData":{"note":"created by milo-perf"}}')


@functools.lru_cache
def go_program(name):
    """The file of a program that a module of scripts/stack/servers pins, built when it is not there yet."""
    return subprocess.run([REPOSITORY / "scripts/build-servers", name], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def hey(target, in_flight, requests):
    # hey ends with whole rounds of its workers.
    requests -= requests % in_flight
    output, usage = run([go_program("hey"), "-n", str(requests), "-c", str(in_flight), "-cpus", "1", "-m", "POST",
                         "-T", "application/json", "-H", f"Authorization: Bearer {target['token']}",
                         "-d", BODY, target["url"] + target["path"]])
    return figures(json.dumps(_parse_hey(output, requests)), usage)


def _parse_hey(output, requests):
    words = {}
    for line in output.splitlines():
        parts = line.split()
        if parts[:1] == ["Total:"]:
            words["wall_seconds"] = float(parts[1])
        elif parts[1:2] == ["in"] and parts[0] in ("50%", "99%"):
            words["p" + parts[0].rstrip("%") + "_ms"] = float(parts[2]) * 1e3
        elif parts[:1] == ["[201]"]:
            words["requests"] = int(parts[1])
    words["failed"] = requests - words.get("requests", 0)
    return words


def vegeta(target, in_flight, seconds):
    """As many as the server takes, with no more workers than are to be in flight; it knows a duration, and no number of requests."""
    with tempfile.TemporaryDirectory(prefix="milo-perf-bench.") as folder:
        body, results = pathlib.Path(folder) / "body", pathlib.Path(folder) / "results"
        body.write_text(BODY, encoding="utf-8")
        targets = pathlib.Path(folder) / "targets"
        targets.write_text(f"POST {target['url']}{target['path']}\nAuthorization: Bearer {target['token']}\n"
                           f"Content-Type: application/json\n@{body}\n", encoding="utf-8")
        _, usage = run([go_program("vegeta"), "-cpus=1", "attack", "-rate=0", f"-workers={in_flight}", f"-max-workers={in_flight}",
                        f"-connections={in_flight}", f"-duration={seconds}s", "-timeout=30s", "-http2=false", "-max-body=0",
                        f"-root-certs={target['ca_file']}", f"-targets={targets}", f"-output={results}"])
        report, _ = run([go_program("vegeta"), "report", "-type=json", results])
    said = json.loads(report)
    created = said["status_codes"].get("201", 0)
    return figures(json.dumps({"requests": created, "failed": said["requests"] - created,
                               "wall_seconds": (said["duration"] + said["wait"]) / 1e9,
                               "p50_ms": said["latencies"]["50th"] / 1e6, "p99_ms": said["latencies"]["99th"] / 1e6}), usage)


def fortio(target, in_flight, requests):
    output, usage = run([go_program("fortio"), "load", "-gomaxprocs", "1", "-quiet", "-c", str(in_flight), "-qps", "0", "-n", str(requests),
                         "-p", "50,99", "-json", "-", "-cacert", target["ca_file"], "-content-type", "application/json",
                         "-H", f"Authorization: Bearer {target['token']}", "-payload", BODY, target["url"] + target["path"]])
    said = json.loads(output)
    latency = {one["Percentile"]: one["Value"] * 1e3 for one in said["DurationHistogram"]["Percentiles"]}
    created = said["RetCodes"].get("201", 0)
    return figures(json.dumps({"requests": created, "failed": said["DurationHistogram"]["Count"] - created,
                               "wall_seconds": said["ActualDuration"] / 1e9, "p50_ms": latency[50], "p99_ms": latency[99]}), usage)


def threads(target, round_number):
    """Python's official client as the Python runner uses it: threads for Projects, and threads for the Secrets of each."""
    return figures(*run(["/usr/bin/python3", PEERS / "threads_client.py", "--server", target["url"],
                         "--ca-file", target["ca_file"], "--token", target["token"], "--name-prefix", f"py-{round_number}-",
                         "--secrets", str(SECRETS_PER_PROJECT),
                         "--project-concurrency", str(STANDARD_RUN.project_concurrency),
                         "--object-concurrency", str(STANDARD_RUN.object_concurrency), *target["projects"]]))


def milo_perf(settings, shape, projects, secrets):
    """The whole program: Projects and their Secrets, in the objects phase; cleaned up after it."""
    with tempfile.TemporaryDirectory(prefix="milo-perf-bench.") as folder:
        environment = dict(os.environ, **settings, OUT_DIR=folder, NUM_PROJECTS=str(projects),
                           PROJECT_CONCURRENCY=str(shape.project_concurrency),
                           OBJECT_CONCURRENCY=str(shape.object_concurrency),
                           NUM_SECRETS_PER_PROJECT=str(secrets), NUM_CONFIGMAPS_PER_PROJECT="0",
                           STABILIZE_SECONDS="0", SAMPLE_SECONDS="0", MEASURE_WINDOW="2s")
        program = REPOSITORY / "build/milo-perf"
        _, usage = run([program, "run", "--quiet"], environment=environment)
        results = json.loads((pathlib.Path(folder) / "results.json").read_text())
        run([program, "cleanup"], environment=environment)
    series = next(one for one in results["requests"]
                  if (one["phase"], one["verb"], one["resource"]) == ("objects", "create", "secrets"))
    latency = series["operation_latency"]
    # The usage is the whole program's: start, checks, snapshots and report too.
    return {**measurement({"cpu_seconds": usage.cpu_seconds, "kernel_cpu_seconds": usage.kernel_cpu_seconds,
                           "peak_memory_bytes": usage.peak_memory_bytes, "requests": series["operations"],
                           "failed": series["operations_failed"],
                           "wall_seconds": series["operations"] / series["throughput_per_second"],
                           "p50_ms": latency["p50_seconds"] * 1e3, "p99_ms": latency["p99_seconds"] * 1e3}),
            **of_machine(usage)}
