import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, makePages, open } from "./browser.js";

let browser;
let folder;
before(async () => {
  folder = makePages();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const PAGES = [
  "typical.html", "large.html", "bare.html", "hostile.html", "comparison.html", "hostile_comparison.html",
  "load_sweep.html", "projects_sweep.html", "hostile_sweep.html",
];

/** Runs `check` on an open page and closes it. */
async function on(name, options, check) {
  const { page, seen, close } = await open(browser, folder, name, options);
  try {
    await check(page, seen);
  } finally {
    await close();
  }
}

/** What Chart.js holds of a chart. */
const chartData = (page, id) => page.evaluate((figure) => {
  const chart = window.Chart.getChart(document.querySelector(`#${figure} canvas`));
  return {
    type: chart.config.type,
    labels: chart.data.labels,
    datasets: chart.data.datasets.map(({ label, data, yAxisID, borderDash }) => ({ label, data, yAxisID, borderDash })),
  };
}, id);

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe("every page", () => {
  for (const name of PAGES) {
    test(`${name} loads nothing and says nothing on the console`, () => on(name, {}, async (page, seen) => {
      assert.deepEqual(seen, { console: [], errors: [], requests: [] });
      const drawn = await page.evaluate(() => [...document.querySelectorAll("figure.chart canvas")]
        .filter((canvas) => window.Chart.getChart(canvas) && canvas.width > 0).length);
      assert.equal(drawn, await page.locator("figure.chart canvas").count());
    }));

    test(`${name} fits a phone's width`, () => on(name, { viewport: { width: 360, height: 740 } }, async (page) => {
      assert.equal(await overflow(page), 0);
    }));

    test(`${name} has one h1, no heading level left out, no id twice`, () => on(name, {}, async (page) => {
      const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map((each) => Number(each.tagName[1])));
      assert.equal(levels.filter((level) => level === 1).length, 1);
      levels.reduce((last, level) => (assert.ok(level <= last + 1, `h${level} after h${last}`), level), 0);
      const ids = await page.locator("[id]").evaluateAll((all) => all.map((each) => each.id));
      assert.equal(new Set(ids).size, ids.length);
    }));
  }
});

describe("charts of a typical run", () => {
  test("the snapshots' bars have the run's figures", () => on("typical.html", {}, async (page) => {
    const cpu = await chartData(page, "chart-snapshot-cpu");
    assert.equal(cpu.type, "bar");
    assert.deepEqual(cpu.labels, ["Baseline", "After Projects", "After objects"]);
    assert.deepEqual(cpu.datasets.map((set) => [set.label, set.data]),
      [["apiserver", [0.2, 0.5, 0.7]], ["etcd", [0.05, 0.125, 0.175]]]);
    const memory = await chartData(page, "chart-snapshot-memory");
    assert.deepEqual(memory.datasets.map((set) => set.data), [[400, 900, 1400], [80, 180, 280]]);
  }));

  test("a gap in the samples is a gap in the line", () => on("typical.html", {}, async (page) => {
    const { datasets } = await chartData(page, "chart-cpu");
    assert.deepEqual(datasets.map((set) => set.label), ["apiserver", "etcd"]);
    assert.equal(datasets[0].data.length, 151);
    assert.deepEqual(datasets[0].data.filter((point) => point.y === null).map((point) => point.x),
      [200, 202, 204, 206, 208, 210, 212, 214]);
    assert.deepEqual(datasets[0].data[0], { x: 0, y: 0.2 });
  }));

  test("throughput and requests in flight stand on two axes", () => on("typical.html", {}, async (page) => {
    const { datasets } = await chartData(page, "chart-throughput");
    assert.deepEqual(datasets.map((set) => set.yAxisID), ["y", "y", "right"]);
    const at = (set, x) => datasets[set].data.find((point) => point.x === x).y;
    assert.equal(at(0, 141), 480 + Math.trunc(20 + 20 * Math.sin(141)));
    assert.equal(at(2, 141), 32);
    assert.equal(at(2, 24), 0);
  }));

  test("latency is in milliseconds", () => on("typical.html", {}, async (page) => {
    const { datasets } = await chartData(page, "chart-latency");
    assert.deepEqual(datasets.map((set) => set.label), ["p50", "p99"]);
    const point = datasets[0].data.find(({ x }) => x === 20);
    assert.ok(Math.abs(point.y - (20 + 5 * Math.sin(20 / 3))) < 0.01, `p50 is ${point.y}`);
  }));

  test("the distribution stands on a percentile scale", () => on("typical.html", {}, async (page) => {
    const { datasets } = await chartData(page, "chart-distribution");
    assert.deepEqual(datasets.map((set) => set.label), ["create projects", "create secrets", "create configmaps"]);
    const secrets = datasets[1].data;
    const p90 = secrets.find(({ x }) => Math.abs(x - 1) < 1e-9);
    assert.ok(Math.abs(p90.y / (20 * Math.sqrt(5)) - 1) < 0.01, `p90 is ${p90.y} ms`);
    // 100 operations tell of p99, 10,000 of p99.99.
    assert.ok(Math.abs(datasets[0].data.at(-1).x - 2) < 0.1);
    assert.ok(Math.abs(secrets.at(-1).x - 4) < 0.1);
    secrets.reduce((last, { y }) => (assert.ok(y >= last), y), 0);
  }));

  test("readiness ends at 100 % and each Project has its point", () => on("typical.html", {}, async (page) => {
    const share = await chartData(page, "chart-ready-share");
    for (const set of share.datasets) assert.equal(set.data.at(-1).y, 100);
    const each = await chartData(page, "chart-ready-projects");
    assert.equal(each.datasets.length, 1);
    assert.equal(each.datasets[0].data.length, 100);
    assert.deepEqual(each.datasets[0].data[1], { x: 2, y: 1.5 + 19 / 50 });
  }));

  test("lines differ by their dashes, not by colour alone", () => on("typical.html", {}, async (page) => {
    const { datasets } = await chartData(page, "chart-throughput");
    assert.equal(new Set(datasets.map((set) => JSON.stringify(set.borderDash))).size, datasets.length);
  }));

  test("100 Projects stay below 600 KB", () => {
    assert.ok(statSync(join(folder, "typical.html")).size < 600_000);
  });
});

describe("the page around them", () => {
  test("answers come in the planners' order", () => on("typical.html", {}, async (page) => {
    assert.deepEqual(await page.locator("h2").allTextContents(), ["What did a Project cost?", "How fast was it?",
      "Did anything go wrong?", "Can I trust it?", "What else was measured", "All the details"]);
    assert.deepEqual(await page.locator(".answer .figure").allTextContents(), ["+10.0 MB", "12.5 s", "✗ Yes", "! Mostly"]);
    const cards = await page.locator("#cost .card .figure").allTextContents();
    assert.deepEqual(cards.slice(0, 8), ["+3.00", "+5.00", "+0.750", "+1.00", "+2.00", "+5.00", "+0.500", "+1.00"]);
  }));

  test("links save the results and CSV, complete", () => on("typical.html", {}, async (page) => {
    const links = page.locator("a[download]");
    assert.deepEqual(await links.evaluateAll((all) => all.map((each) => each.download)),
      ["results-5f3a9c01.json", "figures-5f3a9c01.csv", "requests-5f3a9c01.csv", "projects-5f3a9c01.csv"]);
    const [download] = await Promise.all([page.waitForEvent("download"), links.first().click()]);
    const run = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(run.test_id, "5f3a9c01");
    assert.equal(run.projects.length, 100);
    assert.equal(run.metrics.after_projects.apiserver_mem_bytes, 900e6);
  }));

  test("the command to repeat the run is quoted and names no Organization", () => on("typical.html", {}, async (page) => {
    const command = await page.locator("#details pre").first().textContent();
    assert.match(command, /^env 'APISERVER_POD_REGEX=milo-apiserver\.\*' \\\n/);
    assert.match(command, /\n {2}NUM_PROJECTS=100 \\\n/);
    assert.match(command, /\n {2}milo-perf run$/);
    assert.doesNotMatch(command, /ORG_NAME|VM_BASE_URL/);
  }));

  test("what was not measured is n/a, not 0", () => on("bare.html", {}, async (page) => {
    const figures = await page.locator("#cost .figure, #speed .figure").allTextContents();
    assert.ok(figures.length >= 8);
    for (const figure of figures) assert.equal(figure, "n/a");
    assert.match(await page.locator("header").textContent(), /403 Forbidden/);
  }));

  test("keyboard: the first tab skips to the results, tables and data can be reached", () => on("typical.html", {}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    const summary = page.locator("#chart-cpu summary");
    await summary.focus();
    await page.keyboard.press("Enter");
    assert.ok(await page.locator("#chart-cpu table").isVisible());
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "region");
  }));

  test("a screen reader finds a name for every canvas, a caption for every table", () => on("typical.html", {}, async (page) => {
    for (const canvas of await page.locator("canvas").all()) {
      assert.equal(await canvas.getAttribute("role"), "img");
      assert.match(await canvas.getAttribute("aria-label"), /table that follows/);
    }
    assert.equal(await page.locator("table:not(:has(caption))").count(), 0);
  }));

  test("the comparison gives verdicts and both runs' bars", () => on("comparison.html", {}, async (page) => {
    const row = page.locator("#verdicts tbody tr", { hasText: "memory per Project" }).first();
    assert.match(await row.textContent(), /5\.00 MB10\.0 MB✗ worse, \+100\.0 %/);
    const { datasets } = await chartData(page, "chart-snapshot-memory-apiserver");
    assert.deepEqual(datasets.map((set) => [set.label, set.data]),
      [["before.json", [400, 900, 1400]], ["after.json", [400, 1400, 1400]]]);
  }));
});

/** The texts of a table's body, by row. */
const cells = (page, section) => page.locator(`#${section} table`).first().locator("tbody tr")
  .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));

describe("sweeps", () => {
  test("throughput over the knob, each measured value marked, and the knee alone", () => on("load_sweep.html", {}, async (page) => {
    const { datasets } = await chartData(page, "throughput");
    assert.deepEqual(datasets.map((set) => [set.label, set.data]),
      [["Creates per second", [{ x: 4, y: 1200 }, { x: 8, y: null }]], ["Knee", [{ x: 4, y: 1200 }]]]);
    const radii = await page.evaluate(() => {
      const chart = window.Chart.getChart(document.querySelector("#throughput canvas"));
      return chart.data.datasets.map((set, index) => chart.getDatasetMeta(index).data[0].options.radius);
    });
    assert.ok(radii[0] > 0 && radii[1] > radii[0], `${radii}`);
    assert.deepEqual((await cells(page, "details")).map((row) => [row[0], row[11]]), [["4", "kept"], ["8", "missed"]]);
  }));

  test("the cost of a Project: slopes in one unit each, and whether they are told apart from 0", () =>
    on("projects_sweep.html", {}, async (page) => {
      assert.deepEqual((await cells(page, "slope")).map((row) => row.slice(0, 5)), [
        ["etcd_mem_bytes", "+14.9 kB", "+6.66 kB", "+23.2 kB", "yes"],
        ["etcd_cpu_cores", "−0.0298 mcores", "−0.146 mcores", "+0.0862 mcores", "no"],
        ["apiserver_cpu_cores", "n/a", "n/a", "n/a", "n/a"],
      ]);
      const { datasets } = await chartData(page, "memory");
      assert.deepEqual(datasets.map((set) => set.data), [[{ x: 100, y: 25.1 }], [{ x: 100, y: 0.909 }]]);
      assert.deepEqual((await cells(page, "details"))[0].slice(0, 3), ["100", "1", "674 ms"]);
    }));
});

describe("hostile strings", () => {
  for (const name of ["hostile.html", "hostile_comparison.html", "hostile_sweep.html"]) {
    test(`${name}: nothing runs, nothing becomes an element`, () => on(name, {}, async (page) => {
      await page.waitForTimeout(200);
      assert.equal(await page.evaluate(() => window.hostile), undefined);
      assert.equal(await page.locator("img, svg, iframe, object, form").count(), 0);
      assert.equal(await page.locator("script").count(), 2);
      const inline = await page.evaluate(() => [...document.querySelectorAll("*")]
        .filter((each) => [...each.attributes].some(({ name: attribute }) => attribute.startsWith("on"))).length);
      assert.equal(inline, 0);
      assert.match(await page.locator("main").textContent(), /<script>window\.hostile=1<\/script>/);
    }));
  }

  test("the policy stops a script that got in all the same", () => on("typical.html", {}, async (page) => {
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.hostile = 1";
      document.body.append(script);
      const image = document.createElement("img");
      image.setAttribute("onerror", "window.hostile = 2");
      image.src = "http://127.0.0.1:9/x.png";
      document.body.append(image);
    });
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.hostile), undefined);
  }));
});

describe("elsewhere", () => {
  test("without scripting the tables and figures are there", () => on("typical.html", { javaScriptEnabled: false }, async (page, seen) => {
    assert.deepEqual(seen.errors, []);
    assert.ok(await page.locator("#chart-cpu table").isVisible());
    assert.equal(await page.locator("#chart-cpu .plot").isVisible(), false);
    assert.ok(await page.locator("#chart-ready-projects td", { hasText: "perf-5f3a9c01-p-099" }).isVisible());
    assert.ok(await page.locator("a[download]").first().isVisible());
  }));

  test("dark and light have their own colours, in charts too, and change while open", () =>
    on("typical.html", { colorScheme: "dark" }, async (page) => {
      const colours = () => page.evaluate(() => [getComputedStyle(document.body).backgroundColor,
        window.Chart.getChart(document.querySelector("#chart-cpu canvas")).data.datasets[0].borderColor]);
      const dark = await colours();
      await page.emulateMedia({ colorScheme: "light" });
      await page.waitForFunction((old) => window.Chart.getChart(document.querySelector("#chart-cpu canvas"))
        .data.datasets[0].borderColor !== old, dark[1]);
      const light = await colours();
      assert.equal(dark[0], "rgb(16, 21, 28)");
      assert.equal(light[0], "rgb(246, 247, 249)");
    }));

  test("text stands out from its ground by 4.5 to 1 in light and dark", async () => {
    for (const colorScheme of ["light", "dark"]) {
      await on("typical.html", { colorScheme }, async (page) => {
        const low = await page.evaluate(() => {
          const style = getComputedStyle(document.documentElement);
          const value = (name) => style.getPropertyValue(name).trim();
          const light = (hex) => {
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
              .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          return ["--text", "--muted", "--accent", "--good", "--bad", "--warn"].flatMap((ink) =>
            ["--page", "--surface"].filter((ground) => ratio(light(value(ink)), light(value(ground))) < 4.5)
              .map((ground) => `${ink} on ${ground}`));
        });
        assert.deepEqual(low, []);
      });
    }
  });

  test("prints, dark screen or not, in light colours", () => on("typical.html", { colorScheme: "dark" }, async (page) => {
    const grounds = await page.evaluate(() => {
      dispatchEvent(new Event("beforeprint"));
      const during = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
      dispatchEvent(new Event("afterprint"));
      return [during, getComputedStyle(document.documentElement).getPropertyValue("--surface").trim()];
    });
    assert.deepEqual(grounds, ["#ffffff", "#18202a"]);
    const pdf = await page.pdf({ format: "A4" });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    assert.ok(pages >= 3 && pages <= 20, `${pages} pages`);
  }));
});
