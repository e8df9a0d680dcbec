#!/usr/bin/env python3
"""Creates Secrets as the Python runner does that milo-perf replaces: a pool of threads for the Projects, one more for the
Secrets of each Project, and a client of the official library for each Project, with its own connections.

Prints one line of JSON: requests, wall_seconds, p50_ms, p99_ms, failed.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3
from kubernetes import client

SCOPE = "/apis/resourcemanager.miloapis.com/v1alpha1/projects/{}/control-plane"


def api(options, project):
    configuration = client.Configuration()
    configuration.host = options.server + SCOPE.format(project)
    configuration.verify_ssl = bool(options.ca_file)
    configuration.ssl_ca_cert = options.ca_file or None
    configuration.api_key = {"authorization": "Bearer " + options.token}
    return client.CoreV1Api(client.ApiClient(configuration))


def create(core, name):
    body = client.V1Secret(
        metadata=client.V1ObjectMeta(name=name, labels={"app": "milo-perf", "test-id": "bench"}),
        type="Opaque",
        string_data={"note": "created by milo-perf"},
    )
    begun = time.perf_counter()
    try:
        core.create_namespaced_secret("default", body)
    except Exception:  # whatever it was, it is no created Secret
        return None
    return time.perf_counter() - begun


def fill(options, project):
    core = api(options, project)
    names = [f"{options.name_prefix}{number}" for number in range(options.secrets)]
    with ThreadPoolExecutor(max_workers=options.object_concurrency) as pool:
        return list(pool.map(lambda name: create(core, name), names))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--ca-file", default="")
    parser.add_argument("--token", required=True)
    parser.add_argument("--name-prefix", required=True)
    parser.add_argument("--secrets", type=int, required=True, help="in each Project")
    parser.add_argument("--project-concurrency", type=int, required=True)
    parser.add_argument("--object-concurrency", type=int, required=True)
    parser.add_argument("projects", nargs="+", metavar="PROJECT")
    options = parser.parse_args()
    urllib3.disable_warnings()
    begun = time.perf_counter()
    with ThreadPoolExecutor(max_workers=options.project_concurrency) as pool:
        outcomes = [outcome for project in pool.map(lambda name: fill(options, name), options.projects) for outcome in project]
    wall = time.perf_counter() - begun
    latencies = sorted(latency for latency in outcomes if latency is not None)

    def percentile(percent):
        if not latencies:
            return None
        return latencies[min(len(latencies) - 1, int(len(latencies) * percent / 100))] * 1e3

    print(
        json.dumps(
            {
                "requests": len(latencies),
                "wall_seconds": wall,
                "p50_ms": percentile(50),
                "p99_ms": percentile(99),
                "failed": len(outcomes) - len(latencies),
            }
        )
    )


if __name__ == "__main__":
    main()
