// The histograms in results.json must be readable by others: here by HdrHistogram's JavaScript implementation.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import hdr from "hdr-histogram-js";
import { makePages } from "./browser.js";

const PERCENTILES = { 50: "p50_seconds", 90: "p90_seconds", 99: "p99_seconds", 99.9: "p99_9_seconds" };

let folder;
let run;
before(() => {
  folder = makePages();
  run = JSON.parse(readFileSync(join(folder, "typical.json"), "utf8"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const decode = (distribution) => hdr.decodeFromCompressedBase64(distribution.histogram);

/** Three significant digits: within one in a thousand. */
function near(actual, expected, what) {
  assert.ok(Math.abs(actual - expected) <= 0.001 * expected, `${what}: ${actual} instead of ${expected}`);
}

describe("histograms of results.json", () => {
  test("have the counts and percentiles that stand beside them", () => {
    const distributions = Object.fromEntries(run.requests.map((series) => [series.resource, series.operation_latency]));
    Object.assign(distributions, { ready: run.readiness.ready_seen, lag: run.client.event_loop_lag });
    assert.equal(Object.keys(distributions).length, 5);
    for (const [name, distribution] of Object.entries(distributions)) {
      const histogram = decode(distribution);
      assert.equal(histogram.totalCount, distribution.count, name);
      assert.ok(distribution.count >= 100, name);
      for (const [percentile, key] of Object.entries(PERCENTILES)) {
        near(histogram.getValueAtPercentile(Number(percentile)) / 1e9, distribution[key], `${name} ${key}`);
      }
      near(histogram.maxValue / 1e9, distribution.max_seconds, `${name} max`);
    }
  });

  test("can be merged", () => {
    const [secrets, configMaps] = ["secrets", "configmaps"].map((resource) =>
      decode(run.requests.find((series) => series.resource === resource).operation_latency));
    const highest = Math.max(secrets.maxValue, configMaps.maxValue);
    const count = secrets.totalCount + configMaps.totalCount;
    secrets.add(configMaps);
    assert.equal(secrets.totalCount, count);
    assert.equal(secrets.maxValue, highest);
    // The joint median lies between both: the fixture's are 20 ms and 18 ms.
    const median = secrets.getValueAtPercentile(50) / 1e9;
    assert.ok(median > 0.018 && median < 0.02, `median ${median}`);
  });
});
