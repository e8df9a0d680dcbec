// Draws the page's charts from the tables below them.
(() => {
  "use strict";

  const DASHES = [[], [7, 4], [2, 3], [10, 4, 2, 4], [4, 2], [12, 3]];
  const MARKERS = ["circle", "rectRot", "triangle", "rect", "crossRot", "star"];
  // The seventh line has the first one's colour, but other dashes.
  const dashes = (index) => DASHES[(index + Math.floor(index / DASHES.length)) % DASHES.length];
  const root = document.documentElement;
  const charts = [];

  // An empty cell has no point; "n/a" is a gap.
  const parse = (text) => (text === "" ? undefined : text === "n/a" ? null : Number(text));

  function readTable(figure) {
    const heads = [...figure.querySelectorAll("thead th")];
    const rows = [...figure.querySelectorAll("tbody tr")].map((row) =>
      [...row.cells].map((cell) => cell.textContent.trim()));
    const series = heads.flatMap((head, column) => {
      if (column === 0 || "text" in head.dataset) return [];
      return [{ label: head.textContent, right: "right" in head.dataset, values: rows.map((row) => parse(row[column])) }];
    });
    return { x: rows.map((row) => row[0]), series };
  }

  function readPhases() {
    return [...document.querySelectorAll("#phases tbody tr")].map((row) => ({
      name: row.cells[0].textContent,
      from: Number(row.dataset.from),
      to: row.dataset.to === "" ? Infinity : Number(row.dataset.to),
    }));
  }
  const phases = readPhases();

  // All charts over time have the same x axis, so that they can be read against each other.
  function runEnd() {
    const ends = phases.map((phase) => phase.to).filter(Number.isFinite);
    return ends.length > 0 && ends.length === phases.length ? Math.max(...ends) : undefined;
  }

  function theme() {
    const style = getComputedStyle(root);
    const get = (name) => style.getPropertyValue(name).trim();
    return {
      text: get("--text"), muted: get("--muted"), line: get("--line"), phase: get("--phase"),
      surface: get("--surface"), bad: get("--bad"),
      series: [1, 2, 3, 4, 5, 6].map((number) => get(`--series-${number}`)),
    };
  }

  function hatch(color, surface, index) {
    if (index === 0) return color;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = surface;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = color;
    pen.lineWidth = 3;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  const short = (value) => {
    const size = Math.abs(value);
    if (size !== 0 && size < 0.001) return value.toExponential(1);
    return value.toLocaleString("en", size >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
  };

  // Shades every other phase and names them where there is room.
  const phaseShades = {
    id: "phaseShades",
    beforeDatasetsDraw(chart, args, options) {
      if (!options.enabled) return;
      const { ctx, chartArea: area, scales: { x } } = chart;
      const colors = chart.$theme;
      ctx.save();
      ctx.font = "11px system-ui, sans-serif";
      ctx.textBaseline = "top";
      phases.forEach((phase, index) => {
        const left = Math.max(area.left, x.getPixelForValue(Math.max(phase.from, x.min)));
        const right = Math.min(area.right, x.getPixelForValue(Math.min(phase.to, x.max)));
        if (!(right > left) || phase.to < x.min || phase.from > x.max) return;
        if (index % 2 === 0) {
          ctx.fillStyle = colors.phase;
          ctx.fillRect(left, area.top, right - left, area.bottom - area.top);
        }
        ctx.fillStyle = colors.muted;
        // Above the lines, where none can cross it.
        if (ctx.measureText(phase.name).width + 4 < right - left) ctx.fillText(phase.name, left + 2, area.top - 14);
      });
      ctx.restore();
    },
  };

  const limitLine = {
    id: "limitLine",
    afterDatasetsDraw(chart, args, options) {
      const { ctx, chartArea: area, scales: { y } } = chart;
      if (options.value === undefined || options.value > y.max || options.value < y.min) return;
      const at = y.getPixelForValue(options.value);
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = chart.$theme.bad;
      ctx.setLineDash([8, 4]);
      ctx.beginPath();
      ctx.moveTo(area.left, at);
      ctx.lineTo(area.right, at);
      ctx.stroke();
      ctx.font = "11px system-ui, sans-serif";
      ctx.textAlign = "right";
      ctx.fillText(options.label, area.right - 4, at - 5);
      ctx.restore();
    },
  };

  const barLabels = {
    id: "barLabels",
    afterDatasetsDraw(chart) {
      if (chart.config.type !== "bar") return;
      const { ctx } = chart;
      ctx.save();
      ctx.font = "12px system-ui, sans-serif";
      ctx.textAlign = "center";
      ctx.fillStyle = chart.$theme.text;
      chart.data.datasets.forEach((dataset, index) => {
        chart.getDatasetMeta(index).data.forEach((bar, at) => {
          const value = dataset.data[at];
          const none = value === null || value === undefined;
          ctx.fillText(none ? "n/a" : short(value), bar.x, (none ? chart.scales.y.bottom : bar.y) - 5);
        });
      });
      ctx.restore();
    },
  };

  const nines = (percent) => -Math.log10(1 - percent / 100);
  const fromNines = (value) => Number((100 * (1 - 10 ** -value)).toPrecision(12));

  function xScale(kind, title, shaded) {
    const common = { title: { display: true, text: title }, grid: { display: kind !== "bars" } };
    if (kind === "bars") return { type: "category", grid: { display: false } };
    if (kind !== "percentiles") {
      return { ...common, type: "linear", bounds: "ticks", min: shaded ? 0 : undefined, max: shaded ? runEnd() : undefined,
        ticks: { maxRotation: 0, autoSkipPadding: 16, includeBounds: false } };
    }
    return {
      ...common, type: "linear", min: 0,
      afterBuildTicks(axis) {
        const marks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].map(nines);
        axis.ticks = marks.filter((value) => value <= axis.max).map((value) => ({ value }));
      },
      ticks: { callback: (value) => `p${fromNines(value)}`, maxRotation: 0, autoSkip: false },
    };
  }

  function yScale(title, logarithmic, right) {
    const scale = {
      type: logarithmic ? "logarithmic" : "linear", beginAtZero: true, position: right ? "right" : "left",
      title: { display: Boolean(title), text: logarithmic ? `${title} (logarithmic)` : title },
      ticks: { maxTicksLimit: 8, callback: (value) => short(value) },
    };
    if (right) scale.grid = { drawOnChartArea: false };
    if (logarithmic) {
      scale.ticks.callback = (value) => (/^[125]/.test(String(value / 10 ** Math.floor(Math.log10(value) + 1e-9)))
        ? short(value) : null);
    }
    return scale;
  }

  function points(kind, table, series) {
    if (kind === "bars") return series.values.map((value) => value ?? null);
    const place = kind === "percentiles" ? nines : (x) => x;
    return series.values.flatMap((y, row) => (y === undefined ? [] : [{ x: place(Number(table.x[row])), y }]));
  }

  // A point between two gaps has no line to be seen by.
  function alone(context) {
    const { data } = context.dataset;
    const empty = (at) => data[at] === undefined || data[at].y === null;
    return empty(context.dataIndex - 1) && empty(context.dataIndex + 1) ? 3 : 0;
  }

  // One point alone among marked lines is what the chart is about.
  const marks = (data) => (data.length === 1 ? 8 : 4);

  function dataset(kind, marked, table, series, index) {
    const result = { label: series.label, data: points(kind, table, series), yAxisID: series.right ? "right" : "y" };
    if (kind === "bars") return { ...result, borderWidth: 2, borderRadius: 3, maxBarThickness: 64 };
    const marker = MARKERS[index % MARKERS.length];
    if (kind === "points") return { ...result, showLine: false, pointRadius: table.x.length > 300 ? 2 : 4, pointStyle: marker };
    return {
      ...result, borderWidth: 2, borderDash: dashes(index), pointStyle: marker, pointRadius: marked ? marks(result.data) : alone,
      pointHitRadius: 8, stepped: kind === "steps", spanGaps: false, tension: 0,
    };
  }

  function color(chart) {
    const colors = theme();
    chart.$theme = colors;
    chart.data.datasets.forEach((set, index) => {
      const own = colors.series[index % colors.series.length];
      set.borderColor = own;
      set.backgroundColor = chart.config.type === "bar" ? hatch(own, colors.surface, index) : own;
    });
    for (const scale of Object.values(chart.options.scales)) {
      scale.grid = { ...scale.grid, color: colors.line, borderColor: colors.line };
      scale.ticks = { ...scale.ticks, color: colors.muted };
      scale.title = { ...scale.title, color: colors.muted };
    }
    chart.options.plugins.legend.labels.color = colors.text;
  }

  function tooltip(kind, xName, texts) {
    return {
      callbacks: {
        title(items) {
          const item = items[0];
          if (kind === "bars") return item.label;
          if (kind === "percentiles") return `p${fromNines(item.parsed.x)}`;
          if (kind === "points") return texts[item.dataIndex] || "";
          return xName === "Seconds since start" ? `${short(item.parsed.x)} s after the start` : `${xName} ${short(item.parsed.x)}`;
        },
        label: (item) => `${item.dataset.label}: ${item.parsed.y === null ? "n/a" : short(item.parsed.y)}`,
      },
    };
  }

  function draw(figure) {
    const canvas = figure.querySelector("canvas");
    if (!canvas) return;
    const { kind, y, yRight, limit, limitLabel } = figure.dataset;
    const table = readTable(figure);
    const xName = figure.querySelector("thead th").textContent;
    const names = [...figure.querySelectorAll("tbody td.text:nth-child(3)")].map((cell) => cell.textContent.trim());
    const values = table.series.flatMap((series) => series.values).filter((value) => value > 0);
    const spread = values.length === 0 ? 1 : values.reduce((a, b) => Math.max(a, b)) / values.reduce((a, b) => Math.min(a, b));
    const logarithmic = "log" in figure.dataset && spread > 20;
    const scales = { x: xScale(kind, xName, "phases" in figure.dataset), y: yScale(y, logarithmic, false) };
    if (table.series.some((series) => series.right)) scales.right = yScale(yRight, false, true);
    if (limit !== undefined && values.some((value) => value > limit / 3)) scales.y.suggestedMax = limit * 1.05;
    const single = table.series.length === 1;
    // The legend of many lines must not take the plot's room.
    if (table.series.length > 6) canvas.parentElement.classList.add("tall");
    const chart = new Chart(canvas, {
      type: kind === "bars" ? "bar" : "line",
      data: {
        labels: kind === "bars" ? table.x : undefined,
        datasets: table.series.map((series, index) => dataset(kind, "marked" in figure.dataset, table, series, index)),
      },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, normalized: true,
        // Lines may have their points at different x: those nearest to the pointer belong together, by place and not by count.
        interaction: { mode: kind === "bars" ? "index" : "nearest", axis: kind === "points" ? "xy" : "x", intersect: false },
        layout: { padding: { top: kind === "bars" || "phases" in figure.dataset ? 18 : 4 } },
        scales,
        plugins: {
          legend: { display: !single, position: "bottom", labels: { usePointStyle: kind !== "bars", pointStyleWidth: 40, boxWidth: 34, padding: 14, generateLabels: legend } },
          tooltip: tooltip(kind, xName, names),
          phaseShades: { enabled: "phases" in figure.dataset },
          limitLine: { value: limit === undefined ? undefined : Number(limit), label: limitLabel },
        },
      },
      plugins: [phaseShades, limitLine, barLabels, { id: "colors", beforeInit: color }],
    });
    charts.push(chart);
  }

  // With the line's own dashes, and long names shortened.
  function legend(chart) {
    return Chart.defaults.plugins.legend.labels.generateLabels(chart).map((label) => ({
      ...label, pointStyle: "line", text: label.text.length > 48 ? `${label.text.slice(0, 47)}…` : label.text,
      lineDash: chart.data.datasets[label.datasetIndex].borderDash ?? [], lineWidth: 2,
    }));
  }

  function recolor() {
    for (const chart of charts) {
      color(chart);
      chart.update("none");
    }
  }

  root.classList.add("js");
  for (const details of document.querySelectorAll("details.data")) details.open = false;
  for (const figure of document.querySelectorAll("figure.chart")) draw(figure);

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
  // Paper is white, whatever the screen is.
  addEventListener("beforeprint", () => {
    root.classList.add("print");
    recolor();
  });
  addEventListener("afterprint", () => {
    root.classList.remove("print");
    recolor();
  });
})();
