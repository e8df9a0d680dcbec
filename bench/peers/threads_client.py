#!/usr/bin/env python3
"""Creates Secrets as a threaded client of the official library does: the shape of the runner that milo-perf replaces.

Prints one line of JSON: requests, wall_seconds, p50_ms, p99_ms, failed.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor

from kubernetes import client


def api(options):
    configuration = client.Configuration()
    configuration.host = options.server
    configuration.verify_ssl = bool(options.ca_file)
    configuration.ssl_ca_cert = options.ca_file or None
    configuration.connection_pool_maxsize = options.in_flight
    configuration.api_key = {"authorization": "Bearer " + options.token}
    if not options.ca_file:
        import urllib3

        urllib3.disable_warnings()
    return client.CoreV1Api(client.ApiClient(configuration))


def create(core, namespace, name):
    body = client.V1Secret(
        metadata=client.V1ObjectMeta(name=name, labels={"app": "milo-perf", "test-id": "bench"}),
        type="Opaque",
        string_data={"note": "created by milo-perf"},
    )
    begun = time.perf_counter()
    try:
        core.create_namespaced_secret(namespace, body)
    except Exception:  # whatever it was, it is no created Secret
        return None
    return time.perf_counter() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--ca-file", default="")
    parser.add_argument("--token", required=True)
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--requests", type=int, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    options = parser.parse_args()
    core = api(options)
    names = [f"{options.prefix}{number}" for number in range(options.requests)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(max_workers=options.in_flight) as pool:
        outcomes = list(pool.map(lambda name: create(core, options.namespace, name), names))
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
