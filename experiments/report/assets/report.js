// Draws the charts of a report from the data that stands in it. Text of users goes into the page by textContent only,
// and into charts by plain(), since Plotly reads some markup.
"use strict";
(() => {
  const report = JSON.parse(document.getElementById("data").textContent);

  // Okabe & Ito's palette without black, its light colours darkened to a contrast of 3 on white and all of them lightened
  // for a dark page; then the same again with other dashes and symbols, so that twenty strategies stay apart without
  // colour too.
  const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#c98500", "#3f9bd6", "#8c6bb1"];
  const DARK = ["#4aa3e0", "#f07f35", "#24bd92", "#dd93bd", "#e6ab33", "#86cbf5", "#b397d6"];
  const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "x", "star"];
  const colour = (i) => frame.colours[i % frame.colours.length];
  const dash = (i) => DASHES[Math.floor(i / LIGHT.length) % DASHES.length];
  const symbol = (i) => SYMBOLS[Math.floor(i / LIGHT.length) % SYMBOLS.length];

  // --- frames: how large a chart is drawn, and in which colours ------------------------------------------------

  const PAPER = { page: "#ffffff", ink: "#000000", soft: "#444444", line: "#cccccc", colours: LIGHT, family: "Helvetica, Arial, sans-serif" };
  const PRINT_WIDTH = 660;  // px: what both A4 and Letter have between margins of 14 mm and a figure's own
  const MILLIMETRE = 96 / 25.4;
  const COLUMNS = { single: 88, double: 180 };  // mm, of a journal's page
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function screen_frame(width) {
    const narrow = width < 560;
    return { page: css("--page"), ink: css("--ink"), soft: css("--soft"), line: css("--line"), colours: dark.matches ? DARK : LIGHT, family: "system-ui, sans-serif",
      width, narrow, font: narrow ? 11 : 13, plot: narrow ? 250 : 310, most: 4000 };
  }
  const print_frame = () => ({ ...PAPER, width: PRINT_WIDTH, narrow: false, font: 11, plot: 225, most: 780 });
  function column_frame(column) {
    const narrow = column === "single";
    return { ...PAPER, width: COLUMNS[column] * MILLIMETRE, narrow, font: 10, plot: narrow ? 170 : 240, most: 900 };
  }
  let frame = print_frame();  // of the chart that is being drawn

  const AXES = {
    evaluations: { name: "evaluations", button: "evaluations" },
    hours: { name: report.real ? "hours" : "simulated hours", button: "hours" },
    energy: { name: "energy, kWh", button: "kWh" },
    carbon: { name: "kg CO2e", button: "kg CO2e" },
    money: { name: "US dollars", button: "USD" },
  };

  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/[\r\n]+/g, " ");
  const short = (text, most = 40) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
  const number = (x) => {
    if (x === null || x === undefined || !Number.isFinite(x)) return "–";
    const size = Math.abs(x);
    if (size === 0) return "0";
    if (size >= 1e6 || size < 1e-4) return x.toExponential(3);
    return String(Number(x.toPrecision(size >= 1000 ? 6 : 5)));
  };
  const faded = (hex, part) => `rgba(${parseInt(hex.slice(1, 3), 16)},${parseInt(hex.slice(3, 5), 16)},${parseInt(hex.slice(5, 7), 16)},${part})`;
  const values_name = (board) => board.objective + (board.unit ? ", " + board.unit : "");

  // Rows that Plotly needs for a legend across: all in one, or in columns as wide as the widest entry.
  function legend_rows(traces) {
    const widths = traces.filter((trace) => trace.showlegend !== false && trace.name).map((trace) => 46 + 0.56 * frame.font * trace.name.length);
    const room = frame.width - 60;
    if (widths.length < 2) return 0;
    if (widths.reduce((a, b) => a + b, 0) <= room) return 1;
    return Math.ceil(widths.length / Math.max(1, Math.floor(room / Math.max(...widths))));
  }

  // The whole of a chart: plot, legend (above it; below it where there is little room) and axes. `more.plot` is the
  // height of the plot.
  function layout(traces, x, y, more = {}) {
    const axis = { gridcolor: frame.line, zerolinecolor: frame.line, linecolor: frame.soft, automargin: true, tickfont: { size: frame.font - 1 } };
    const rows = legend_rows(traces), legend = rows * (frame.font + 8);
    const plot = Math.max(Math.min(more.plot || frame.plot, frame.most - legend), 0.8 * legend);
    const below = frame.font * 2 + 24;
    const margin = { l: frame.narrow ? 44 : 62, r: 14, t: 12 + (frame.narrow ? 0 : legend), b: below + (frame.narrow ? legend : 0) };
    const place = frame.narrow ? { y: -below / plot, yanchor: "top" } : { y: 1 + 4 / plot, yanchor: "bottom" };
    const result = {
      font: { family: frame.family, size: frame.font, color: frame.ink },
      paper_bgcolor: frame.page, plot_bgcolor: frame.page, colorway: frame.colours,
      width: frame.width, height: Math.round(plot + margin.t + margin.b), margin,
      hovermode: "closest", hoverlabel: { namelength: 40, align: "left", font: { size: frame.font } },
      modebar: { color: frame.soft, activecolor: frame.ink, bgcolor: "rgba(0,0,0,0)" }, dragmode: touched ? false : "zoom",
      showlegend: rows > 0,
      legend: { orientation: "h", x: 0, traceorder: "normal", ...place },
      ...more,
      xaxis: { ...axis, ...title(x), ...more.xaxis },
      yaxis: { ...axis, ...title(y), ...more.yaxis },
    };
    delete result.plot;
    return result;
  }
  const touched = matchMedia("(pointer: coarse)").matches;  // a finger on a chart moves the page
  const title = (text) => ({ title: { text: plain(text), standoff: 8 } });

  // "0.1", "50", "20 k", "3 M": as in the SVG files.
  function tick_label(x) {
    const size = Math.abs(x), digits = (value) => String(Number(value.toPrecision(6)));
    if (size !== 0 && (size < 1e-3 || size >= 1e9)) return String(Number(x.toPrecision(3)).toExponential()).replace("e+", "e");
    return size >= 1e6 ? digits(x / 1e6) + " M" : size >= 1e4 ? digits(x / 1e3) + " k" : digits(x);
  }

  // Marks of a logarithmic axis in full: 1, 2 and 5 of each power where there is room, powers alone over many, and round
  // numbers within a part of one.
  function log_marks(low, high, most) {
    const decades = Math.log10(high / low), every = Math.max(1, Math.ceil(decades / most)), marks = [];
    const factors = 3 * decades <= most ? [1, 2, 5] : 2 * decades <= most ? [1, 3] : [1];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e)
      if (e % every === 0) marks.push(...factors.map((factor) => Number(`${factor}e${e}`)));
    const inside = marks.filter((x) => x >= low * (1 - 1e-9) && x <= high * (1 + 1e-9));
    return inside.length >= 3 || decades > 1.2 ? inside : linear_marks(low, high, most);
  }
  function linear_marks(low, high, most) {
    const raw = (high - low) / Math.max(2, Math.min(most, 6) - 1), base = 10 ** Math.floor(Math.log10(raw));
    const step = base * [1, 2, 5, 10].find((factor) => factor * base >= raw * (1 - 1e-9)), marks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-9); ++k) marks.push(Number((k * step).toPrecision(12)));
    return marks;
  }
  // Of an axis whose range is [log10 low, log10 high], over so many px.
  function log_ticks(range, room) {
    const marks = log_marks(10 ** Math.min(...range), 10 ** Math.max(...range), Math.max(3, room / 52));
    return { tickvals: marks, ticktext: marks.map(tick_label) };
  }
  function log_axis(low, high, room = frame.width - 90) {
    if (!(low > 0) || !Number.isFinite(high)) return {};
    const pad = high > low ? 0 : Math.log10(2), range = [Math.log10(low) - pad, Math.log10(high) + pad];
    return { type: "log", range, ...log_ticks(range, room) };
  }
  // Around all of these that are above 0.
  function log_axis_of(values, room) {
    const shown = values.filter((x) => x > 0);
    if (shown.length === 0) return {};
    const low = Math.min(...shown), high = Math.max(...shown), pad = (high / low) ** 0.03;
    return log_axis(low / pad, high * pad, room);
  }

  const regret = (board, value) => (board.better === "higher" ? board.optimum - value : value - board.optimum);

  // --- each chart: what it shows for a choice of controls, and the same as a table -----------------------------

  function anytime(board, choice) {
    const curves = board.curves[choice.axis], view = curves.window;
    const log_y = choice.y === "regret";
    const of = (value) => (value === null ? null : log_y ? Math.max(regret(board, value), 0) || null : value);
    const traces = [];
    board.strategies.forEach((name, s) => {
      const series = curves.series[s];
      const known = curves.x.map((_, k) => k).filter((k) => series.mean[k] !== null);
      if (known.length === 0) return;
      const x = known.map((k) => curves.x[k]);
      const low = known.map((k) => of(series.low[k])), high = known.map((k) => of(series.high[k]));
      if (choice.band === "on" && low.every((v) => v !== null) && high.every((v) => v !== null)) {
        traces.push({ x: x.concat([...x].reverse()), y: high.concat([...low].reverse()), fill: "toself", fillcolor: faded(colour(s), 0.14),
          line: { width: 0 }, mode: "lines", legendgroup: String(s), showlegend: false, hoverinfo: "skip" });
      }
      traces.push({ x, y: known.map((k) => of(series.mean[k])), mode: "lines", name: plain(short(name)), legendgroup: String(s),
        line: { color: colour(s), dash: dash(s), width: 2 }, hoverinfo: "text",
        text: known.map((k) => `${plain(short(name))}<br>${number(curves.x[k])} ${plain(AXES[choice.axis].button)}: ${number(series.mean[k])}` +
          (series.low[k] === null ? "" : ` (95 %: ${number(series.low[k])} .. ${number(series.high[k])})`) +
          `<br>${series.running[k]} of ${series.seeds} searches still running`) });
    });
    const last = curves.x[curves.x.length - 1];
    const more = { xaxis: choice.scale === "log" ? log_axis(view.from, 1.02 * last) : { range: [0, 1.01 * last] } };
    if (log_y) more.yaxis = regret_axis(board, curves);
    else Object.assign(more, { yaxis: { range: [view.low, view.high] } }, default_line(board, view));
    return { traces, layout: layout(traces, AXES[choice.axis].name, log_y ? "simple regret" + (board.unit ? ", " + (board.unit === "%" ? "points" : board.unit) : "") : values_name(board), more) };
  }

  // Where it lies so far off that all curves beside it would be one line, it is told in words.
  function default_line(board, view) {
    const text = { xref: "paper", x: 1, xanchor: "right", showarrow: false, font: { size: frame.font - 1 }, bgcolor: faded(frame.page, 0.75), borderpad: 1 };
    const above = board.default > view.high;
    if (!view.default) return { annotations: [{ ...text, yref: "paper", y: above ? 1 : 0, yanchor: above ? "top" : "bottom", text: `default configuration: ${number(board.default)}, off this chart` }] };
    return { shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: board.default, y1: board.default, line: { color: frame.soft, width: 1.2, dash: "dot" } }],
      annotations: [{ ...text, y: board.default, yanchor: "bottom", text: "default configuration" }] };
  }

  function regret_axis(board, curves) {
    const shown = curves.series.flatMap((s) => s.mean.filter((v, k) => v !== null && curves.x[k] >= curves.window.from));
    const axis = log_axis_of(shown.map((v) => regret(board, v)), 1.6 * frame.plot);
    return axis.type ? axis : { type: "log" };
  }

  function anytime_table(board, choice) {
    const curves = board.curves[choice.axis];
    const head = [AXES[choice.axis].name];
    board.strategies.forEach((name) => head.push(name + " mean", "low", "high"));
    return { head, rows: curves.x.map((x, k) => [x, ...curves.series.flatMap((s) => [s.mean[k], s.low[k], s.high[k]])]) };
  }

  const PARETO_AXES = { carbon: "kg", evaluations: "evaluations", hours: "hours", energy: "kwh", money: "usd" };

  // Against a cost in which the strategies differ; where there is none, side by side.
  function pareto(board, choice) {
    const key = PARETO_AXES[choice.axis], beside = key === undefined;
    const traces = [];
    board.strategies.forEach((name, s) => {
      const f = board.finals[s];
      if (f.value.length === 0) return;
      traces.push({ x: beside ? f.value.map(() => s + 1) : f[key], y: f.value, mode: "markers", name: plain(short(name)), legendgroup: String(s), hoverinfo: "text",
        marker: { color: faded(colour(s), 0.5), symbol: symbol(s), size: 7 },
        text: f.value.map((v, k) => `${plain(short(name))}, seed ${plain(f.seed[k])}<br>${number(v)} ${plain(board.unit)} for ${number(f.kg[k])} kg CO2e<br>` +
          plain(f.configuration[k]).replace(/((?:[^;]*;){3})/g, "$1<br>")) });
      const mean = board.means[s];
      if (mean.value !== null) {
        traces.push({ x: [beside ? s + 1 : mean[key]], y: [mean.value], mode: "markers", legendgroup: String(s), showlegend: false, hoverinfo: "text",
          text: [`${plain(short(name))}, mean of ${f.value.length} searches<br>${number(mean.value)} ${plain(board.unit)} for ${number(mean[key || "kg"])} ${AXES[choice.axis || "carbon"].button}`],
          marker: { color: colour(s), symbol: symbol(s), size: 13, line: { width: 2, color: frame.ink } },
          error_y: mean.low === null ? undefined : { type: "data", symmetric: false, array: [mean.high - mean.value], arrayminus: [mean.value - mean.low], color: frame.ink, thickness: 1.5 } });
      }
    });
    if (beside) {
      const xaxis = { range: [0.5, board.strategies.length + 0.5], showticklabels: false, showgrid: false, zeroline: false };
      return { traces, layout: layout(traces, "strategies, all at the same cost", values_name(board), { xaxis }) };
    }
    const front = front_of(board, key);
    if (front.length > 1) {
      traces.push({ x: front.map((p) => p.x), y: front.map((p) => p.y), mode: "lines", name: "Pareto front of the means", hoverinfo: "skip",
        line: { shape: "hv", color: frame.soft, dash: "dot", width: 1.5 } });
    }
    const xaxis = choice.scale === "log" ? log_axis_of(board.finals.flatMap((f) => f[key])) : {};
    return { traces, layout: layout(traces, AXES[choice.axis].name + " per search", values_name(board), { xaxis }) };
  }

  function front_of(board, key) {
    const points = board.means.map((m) => ({ x: m[key], y: m.value })).filter((p) => p.y !== null).sort((a, b) => a.x - b.x || (board.better === "higher" ? b.y - a.y : a.y - b.y));
    const front = [];
    for (const p of points) {
      const last = front[front.length - 1];
      if (!last || (board.better === "higher" ? p.y > last.y : p.y < last.y)) front.push(p);
    }
    return front;
  }

  function pareto_table(board) {
    const rows = [];
    board.strategies.forEach((name, s) => {
      const f = board.finals[s];
      f.value.forEach((v, k) => rows.push([name, f.seed[k], v, f.kg[k], f.kwh[k], f.hours[k], f.usd[k] === null ? "not known" : f.usd[k], f.evaluations[k], f.configuration[k]]));
    });
    return { head: ["strategy", "seed", values_name(board), "kg CO2e", "kWh", "hours", "USD", "evaluations", "configuration"], rows };
  }

  // A share holds between two values that occur: up to the higher where higher is better, from the lower on otherwise. The
  // axis runs towards better values either way.
  function profile(board) {
    const up = board.better === "higher";
    const traces = board.profile.series.map((shares, s) => ({ x: board.profile.x, y: shares, mode: "lines", name: plain(short(board.strategies[s])),
      line: { color: colour(s), dash: dash(s), width: 2, shape: up ? "vh" : "hv" }, hoverinfo: "text",
      text: shares.map((y, k) => `${plain(short(board.strategies[s]))}<br>${number(100 * y)} % of searches reach ${number(board.profile.x[k])} or better`) }));
    const more = { plot: 0.75 * frame.plot, yaxis: { range: [0, 1.03], tickformat: ".0%" }, xaxis: up ? {} : { autorange: "reversed" } };
    return { traces, layout: layout(traces, values_name(board) + " or better", "share of searches", more) };
  }
  const profile_table = (board) => ({ head: [values_name(board), ...board.strategies], rows: board.profile.x.map((x, k) => [x, ...board.profile.series.map((s) => s[k])]) });

  function ranks(board) {
    const r = board.ranks;
    const traces = r.mean.map((line, s) => ({ x: r.x, y: line, mode: "lines", name: plain(short(board.strategies[s])), line: { color: colour(s), dash: dash(s), width: 2 },
      hoverinfo: "text", text: line.map((y, k) => `${plain(short(board.strategies[s]))}<br>mean rank ${number(y)} at ${number(r.x[k])} kg CO2e`) }));
    const more = { plot: 0.75 * frame.plot, xaxis: log_axis(r.x[0], r.x[r.x.length - 1]), yaxis: { autorange: "reversed" } };
    return { traces, layout: layout(traces, "kg CO2e", "mean rank (1 is best)", more) };
  }
  const ranks_table = (board) => ({ head: ["kg CO2e", ...board.strategies], rows: board.ranks.x.map((x, k) => [x, ...board.ranks.mean.map((line) => line[k])]) });

  function breakdown(board) {
    const traces = board.breakdown.lines.map((line, l) => ({ type: "bar", orientation: "h", name: plain(line), y: board.strategies.map((_, s) => s), x: board.breakdown.kg.map((row) => row[l]),
      marker: { color: colour(l) }, hoverinfo: "text", text: board.strategies.map((name, s) => `${plain(short(name))}<br>${plain(line)}: ${number(board.breakdown.kg[s][l])} kg CO2e`), textposition: "none" }));
    return { traces, layout: layout(traces, "kg CO2e per search, mean", "", { barmode: "stack", yaxis: strategy_axis(board), plot: bars_height(board.strategies.length) }) };
  }
  const bars_height = (count) => 20 + count * (frame.font + 13);
  const strategy_axis = (board) => ({ autorange: "reversed", tickvals: board.strategies.map((_, s) => s), ticktext: board.strategies.map((name) => plain(short(name, frame.narrow ? 18 : 24))), title: { text: "" } });
  const breakdown_table = (board) => ({ head: ["strategy", ...board.breakdown.lines.map((l) => l + ", kg CO2e")], rows: board.strategies.map((name, s) => [name, ...board.breakdown.kg[s]]) });

  // A word a line: names stand side by side.
  const wrapped = (text) => plain(text).replace(/ (?=\S{4})/g, "<br>");
  function waterfall(board) {
    const w = board.waterfall;
    let at = 0;
    const base = w.kg.map((kg) => { at += kg; return at - kg; });
    const names = [...w.steps, "total"];
    return { traces: [{ type: "bar", x: names.map((_, i) => i), y: [...w.kg, at], base: [...base, 0], hoverinfo: "text", textposition: "none",
      text: [...w.kg, at].map((kg, i) => `${plain(names[i])}: ${number(kg)} kg CO2e (${number(at > 0 ? (100 * kg) / at : 0)} %)`),
      marker: { color: names.map((_, i) => (i + 1 === names.length ? frame.soft : colour(i))) } }],
      layout: layout([], "", "kg CO2e", { plot: 0.8 * frame.plot, xaxis: { tickvals: names.map((_, i) => i), ticktext: names.map(wrapped), tickangle: frame.narrow ? 45 : 0 } }) };
  }
  const waterfall_table = (board) => ({ head: ["step", "kg CO2e"], rows: [...board.waterfall.steps.map((step, i) => [step, board.waterfall.kg[i]]), ["total", board.waterfall.kg.reduce((a, b) => a + b, 0)]] });

  const STATUS_COLOURS = { completed: 0, "partially trained": 5, cached: 6, screened: 2, failed: 1 };
  function timeline(board) {
    const t = board.timeline;
    const traces = Object.keys(STATUS_COLOURS).map((status) => {
      const bars = t.bars.filter((bar) => bar.status === status);
      return { type: "bar", orientation: "h", name: status, y: bars.map((bar) => bar.worker + 1), x: bars.map((bar) => bar.end - bar.start), base: bars.map((bar) => bar.start), marker: { color: colour(STATUS_COLOURS[status]), line: { color: frame.page, width: 0.5 } },
        hoverinfo: "text", textposition: "none", text: bars.map((bar) => `worker ${bar.worker + 1}, ${number(bar.start)} to ${number(bar.end)} h<br>${bar.count === 1 ? "1 trial" : bar.count + " trials"}${bar.site ? " at " + plain(bar.site) : ""}, ${status}, ${number(bar.kg)} kg CO2e`) };
    }).filter((trace) => trace.x.length > 0);
    traces.push({ x: t.intensity.hours, y: t.intensity.grams, mode: "lines", line: { color: frame.ink, width: 1.5, shape: "hv" }, name: "g CO2e/kWh charged", showlegend: false, yaxis: "y2", hoverinfo: "x+y" });
    return { traces, layout: layout(traces, AXES.hours.name, "worker", { barmode: "overlay", bargap: 0.15, yaxis: { domain: [0, 0.68], autorange: "reversed", dtick: t.workers > 16 ? undefined : 1 },
      yaxis2: { domain: [0.76, 1], ...title("g/kWh"), nticks: 4, rangemode: "tozero", gridcolor: frame.line, linecolor: frame.soft, automargin: true, tickfont: { size: frame.font - 1 } },
      plot: 0.75 * frame.plot + 11 * Math.min(t.workers, 40) }) };
  }
  function timeline_table(board) {
    const sites = board.timeline.bars.some((bar) => bar.site);
    return { head: ["worker", "start, h", "end, h", "trials", "status", "kg CO2e", ...(sites ? ["site"] : [])],
      rows: board.timeline.bars.map((bar) => [bar.worker + 1, bar.start, bar.end, bar.count, bar.status, bar.kg, ...(sites ? [bar.site] : [])]) };
  }

  function importance(board) {
    const p = board.importance.parameters;
    return { traces: [{ type: "bar", orientation: "h", y: p.map((_, i) => i), x: p.map((e) => 100 * e.share), marker: { color: colour(0) }, hoverinfo: "text", textposition: "none",
      text: p.map((e) => `${plain(e.name)}: ${number(100 * e.share)} % of the variance on its own`) }],
      layout: layout([], "% of the variance explained on its own", "", { yaxis: { autorange: "reversed", tickvals: p.map((_, i) => i), ticktext: p.map((e) => plain(short(e.name, frame.narrow ? 18 : 28))), title: { text: "" } }, plot: bars_height(p.length) }) };
  }
  const importance_table = (board) => ({ head: ["parameter", "share of the variance explained on its own"], rows: board.importance.parameters.map((e) => [e.name, e.share]) });

  // Parallel coordinates by plain lines: each axis is scaled to its own range and has its choices beside it. Axes for
  // which there is no room go on in panels below, each of which ends with the value.
  function parallel_columns(board, width, letter) {
    const p = board.parallel;
    const longest = Math.max(9, ...p.parameters.flatMap((c) => [c.name, ...(c.choices || [])]).map((text) => String(text).length));
    const room = Math.min(longest, 20) * letter + 14;
    const panels = Math.ceil(p.parameters.length / Math.max(1, Math.floor(width / room) - 1)), each = Math.ceil(p.parameters.length / panels);
    const columns = [];
    for (let panel = 0; panel < panels; ++panel) {
      const here = p.parameters.slice(panel * each, (panel + 1) * each).map((c, at) => ({ ...c, panel, at, of: (row) => row.values[panel * each + at] }));
      columns.push(...here, { name: values_name(board), low: p.low, high: p.high, panel, at: here.length, of: (row) => row.value });
    }
    return { columns, panels, each, letters: Math.floor((room - 14) / letter) };
  }
  function parallel(board) {
    const rows = board.parallel.rows, size = frame.font - 1, line = size + 4;
    const { columns, panels, each, letters } = parallel_columns(board, frame.width - 20, 0.6 * size);
    const most = Math.max(...columns.map((c) => (c.choices || []).length)), inactive = rows.some((row) => row.values.includes(null));
    const gap = (inactive ? 4.5 : 3) * line;  // below an axis: its name's place, and that of what is inactive
    const high = Math.min(Math.max(8, most - 1) * line, (frame.most - 60) / panels - gap), step = 1 + gap / high;  // an axis is 1 high
    const place = (c, x) => (c.choices ? (c.choices.length > 1 ? x / (c.choices.length - 1) : 0.5)
      : c.high === c.low ? 0.5 : c.log ? Math.log(x / c.low) / Math.log(c.high / c.low) : (x - c.low) / (c.high - c.low));
    const off = (-1.5 * line) / high;
    // Lines through the same choice lie side by side.
    const aside = (c, row) => (c.choices && c.choices.length > 1 ? (((row * 0.618034) % 1) - 0.5) * Math.min(0.05, 0.35 / (c.choices.length - 1)) : 0);
    const shown = (c, x) => (x === null ? "inactive" : c.choices ? c.choices[x] : number(x));
    const named = new Set();
    const traces = rows.map((row, k) => {
      const points = columns.flatMap((c) => (c.at === 0 && c.panel > 0 ? [null, c] : [c]));  // no line from panel to panel
      const name = plain(short(board.strategies[row.strategy])), first = !named.has(row.strategy);
      named.add(row.strategy);
      return { x: points.map((c) => c && c.at), y: points.map((c) => c && (c.of(row) === null ? off : place(c, c.of(row)) + aside(c, k)) - c.panel * step), mode: "lines",
        name, legendgroup: String(row.strategy), showlegend: first, line: { width: 1.4, color: faded(colour(row.strategy), 0.6), dash: dash(row.strategy) }, hoverinfo: "text",
        text: points.map((c) => c && `${name}: ${number(row.value)}<br>${plain(c.name)} = ${plain(shown(c, c.of(row)))}`) };
    });
    const note = { showarrow: false, font: { size }, bgcolor: faded(frame.page, 0.7), borderpad: 0 }, right = { ...note, xanchor: "left", xshift: 3 };
    const annotations = columns.flatMap((c) => [
      { ...note, x: c.at, y: 1 - c.panel * step, xanchor: "left", xshift: -8, yanchor: "bottom", yshift: 0.7 * line, text: `<b>${plain(short(c.name, letters))}</b>` },
      ...axis_marks(c).map(([y, text]) => ({ ...right, x: c.at, y: y - c.panel * step, text: plain(short(String(text), letters)) })),
      ...(rows.some((row) => c.of(row) === null) ? [{ ...right, x: c.at, y: off - c.panel * step, text: "<i>inactive</i>" }] : []),
    ]);
    const shapes = columns.map((c) => ({ type: "line", layer: "below", x0: c.at, x1: c.at, y0: -c.panel * step, y1: 1 - c.panel * step, line: { color: frame.ink, width: 1 } }));
    const hidden = { visible: false, automargin: false, fixedrange: true };
    const plot = panels * (high + gap);
    const result = layout(traces, "", "", { annotations, shapes, plot, xaxis: { ...hidden, range: [-0.12, each + 0.88] }, yaxis: { ...hidden, range: [1 + (2 * line) / high - plot / high, 1 + (2 * line) / high] } });
    Object.assign(result.margin, { l: 6, r: 6, b: result.margin.b - 2 * frame.font - 10 });
    if (frame.narrow) result.legend.y = -8 / plot;
    return { traces, layout: result };
  }
  // Every choice; of a range its ends and what lies between them.
  function axis_marks(c) {
    if (c.choices) return c.choices.map((text, i) => [c.choices.length > 1 ? i / (c.choices.length - 1) : 0.5, text]);
    if (c.high === c.low) return [[0.5, number(c.low)]];
    const digits = c.log ? 2 : 2 + Math.max(0, Math.ceil(Math.log10(Math.max(Math.abs(c.low), Math.abs(c.high)) / (c.high - c.low))));
    return [0, 0.25, 0.5, 0.75, 1].map((part) => [part, tick_label(Number((c.log ? c.low * (c.high / c.low) ** part : c.low + part * (c.high - c.low)).toPrecision(digits)))]);
  }
  function parallel_table(board) {
    const p = board.parallel;
    return { head: ["strategy", values_name(board), ...p.parameters.map((c) => c.name)],
      rows: p.rows.map((row) => [board.strategies[row.strategy], row.value, ...row.values.map((x, i) => (x === null ? "inactive" : p.parameters[i].choices ? p.parameters[i].choices[x] : x))]) };
  }

  function attainment(board) {
    const traces = [];
    board.attainment.forEach((levels, s) => levels.forEach((level, l) => traces.push({ x: level.x, y: level.y, mode: "lines", name: plain(short(board.strategies[s])), legendgroup: String(s), showlegend: l === 1,
      line: { shape: "hv", color: colour(s), dash: ["dot", "solid", "dash"][l], width: l === 1 ? 2.2 : 1 }, hoverinfo: "text",
      text: level.x.map((x, k) => `${plain(short(board.strategies[s]))}: ${number(level.part * 100)} % of searches reach ${number(level.y[k])} or better within ${number(x)} kg CO2e`) })));
    const carbon = board.curves.carbon;
    const more = carbon ? { xaxis: log_axis(carbon.window.from, 1.02 * carbon.x[carbon.x.length - 1]), yaxis: { range: attained_range(board, carbon.window) } } : {};
    return { traces, layout: layout(traces, "kg CO2e", values_name(board), more) };
  }
  // As for the means, and as far up as the luckiest quarter gets.
  function attained_range(board, view) {
    const all = board.attainment.flat().flatMap((level) => level.y.slice(-1)), pad = 0.04 * (view.high - view.low);
    return board.better === "higher" ? [view.low, Math.max(view.high, ...all.map((y) => y + pad))] : [Math.min(view.low, ...all.map((y) => y - pad)), view.high];
  }
  const attainment_table = (board) => ({ head: ["strategy", "share of searches", "kg CO2e", values_name(board)],
    rows: board.attainment.flatMap((levels, s) => levels.flatMap((level) => level.x.map((x, k) => [board.strategies[s], level.part, x, level.y[k]]))) });

  const CHARTS = {
    anytime: [anytime, anytime_table], pareto: [pareto, pareto_table], profile: [profile, profile_table], ranks: [ranks, ranks_table],
    breakdown: [breakdown, breakdown_table], waterfall: [waterfall, waterfall_table], timeline: [timeline, timeline_table],
    importance: [importance, importance_table], parallel: [parallel, parallel_table], attainment: [attainment, attainment_table],
  };

  // --- the page around the charts ----------------------------------------------------------------------------

  function controls_of(figure, board) {
    const groups = {
      anytime: { axis: Object.keys(board.curves || {}), scale: ["log", "linear"], y: board.optimum === null ? [] : ["value", "regret"], band: ["on", "off"] },
      pareto: { axis: board.costs, scale: board.costs.length > 0 ? ["linear", "log"] : [] },
    }[figure.dataset.chart] || {};
    const first = { axis: "carbon", scale: figure.dataset.chart === "anytime" ? "log" : "linear", y: "value", band: "on" };
    const names = { axis: "cost", scale: "scale", y: "y axis", band: "95 % band" };
    const bar = document.createElement("div");
    bar.className = "controls";
    const choice = {};
    for (const [key, options] of Object.entries(groups)) {
      choice[key] = options.includes(first[key]) ? first[key] : options[0];
      if (key === "y" && options.length === 0) choice.y = "value";
      if (options.length < 2) continue;
      const set = document.createElement("fieldset");
      const legend = document.createElement("legend");
      legend.textContent = names[key] + ":";
      set.append(legend);
      for (const option of options) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = key === "axis" ? AXES[option].button : option;
        button.setAttribute("aria-pressed", String(choice[key] === option));
        button.addEventListener("click", () => {
          choice[key] = option;
          set.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
          draw(figure);
          if (figure.table_shown) fill_table(figure);
        });
        set.append(button);
      }
      bar.append(set);
    }
    return { bar, choice };
  }

  // A figure's chart in a frame. What a reader zoomed into or hid by the legend stays.
  function specification(figure, where) {
    frame = where;
    const made = CHARTS[figure.dataset.chart][0](report.boards[figure.dataset.board], figure.choice);
    made.layout.uirevision = JSON.stringify(figure.choice);
    return made;
  }

  const QUIET = { displaylogo: false, plotlyServerURL: "", showSendToCloud: false, showTips: false, displayModeBar: touched ? false : "hover",
    modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d", "autoScale2d"] };

  function draw(figure, where = screen_frame(figure.chart.clientWidth)) {
    const { traces, layout } = specification(figure, where);
    figure.width = where.width;
    Plotly.react(figure.chart, traces, layout, QUIET);
    if (figure.drawn) return;
    figure.drawn = true;
    figure.chart.style.minHeight = 0;
    figure.chart.on("plotly_relayout", (change) => mark_again(figure, change));
  }

  // Marks of a logarithmic axis for the part that is zoomed into.
  function mark_again(figure, change) {
    const update = {};
    for (const [name, room] of [["xaxis", figure.width - 90], ["yaxis", 400]]) {
      const axis = figure.chart.layout[name];
      if (axis && axis.type === "log" && axis.range && Object.keys(change).some((key) => key.startsWith(name + ".range") || key.startsWith(name + ".autorange"))) {
        const marks = log_ticks(axis.range, room);
        update[name + ".tickvals"] = marks.tickvals;
        update[name + ".ticktext"] = marks.ticktext;
      }
    }
    if (Object.keys(update).length > 0) Plotly.relayout(figure.chart, update);
  }

  function table_element({ head, rows }) {
    const table = document.createElement("table");
    const top = table.createTHead().insertRow();
    for (const text of head) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      top.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const value of row) line.insertCell().textContent = typeof value === "number" ? number(value) : value === null ? "–" : value;
    }
    return table;
  }

  function fill_table(figure) {
    const board = report.boards[figure.dataset.board];
    const data = CHARTS[figure.dataset.chart][1](board, figure.choice);
    figure.table_place.replaceChildren(table_element(data));
    figure.table_data = data;
  }

  async function copy(text, button) {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    const before = button.textContent;
    button.textContent = done ? "copied" : "could not copy";
    setTimeout(() => (button.textContent = before), 1500);
  }

  // A cell that begins with = + - @ and is no number would run as a formula where it is pasted.
  const cell_text = (value) => (value === null ? "" : typeof value === "string" ? (/^[=+\-@]./.test(value) && !Number.isFinite(Number(value)) ? "'" : "") + value.replace(/[\t\r\n]+/g, " ") : String(value));

  function set_up(figure) {
    const board = report.boards[figure.dataset.board];
    const { bar, choice } = controls_of(figure, board);
    figure.choice = choice;
    figure.chart = figure.querySelector(".chart");
    const button = (name, action) => {
      const element = document.createElement("button");
      element.type = "button";
      element.className = "copy";
      element.textContent = name;
      element.addEventListener("click", () => action(element));
      return element;
    };
    bar.append(save_controls(figure_picture(figure)));
    figure.chart.before(bar);
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "Show as a table";
    figure.table_place = document.createElement("div");
    figure.table_place.className = "scroll";
    figure.table_place.tabIndex = 0;
    details.append(summary, button("copy table", (element) => copy([figure.table_data.head, ...figure.table_data.rows].map((row) => row.map(cell_text).join("\t")).join("\n"), element)), figure.table_place);
    details.addEventListener("toggle", () => {
      if (!details.open || figure.table_shown) return;
      figure.table_shown = true;
      fill_table(figure);
    });
    figure.append(details);
    if (figure.dataset.chart === "pareto") tell_left_out(figure.querySelector("figcaption"), board);
  }

  function tell_left_out(caption, board) {
    const left_out = Object.keys(PARETO_AXES).filter((axis) => !board.costs.includes(axis)).map((axis) => AXES[axis].button);
    if (board.costs.length === 0) caption.textContent = "Each pale point is one search (hover for its seed and configuration); each outlined point is the mean of a strategy with its 95 % interval. All strategies spend about the same, so they stand side by side.";
    else if (left_out.length > 0) caption.append(` Of ${left_out.join(", ")} all strategies spend about the same, so that is no axis here.`);
  }

  // --- saving: each chart as a file of a journal's column, named by its problem -----------------------------------

  const FILE_NAMES = { breakdown: "carbon" };  // as tonne report --charts calls it
  const file_name = (figure, chart) => (figure.dataset.board === undefined ? "" : report.boards[figure.dataset.board].file + "-") + (FILE_NAMES[chart] || chart);

  // Of a chart: its name, and itself as SVG for a column.
  function figure_picture(figure) {
    const svg = async (column) => {
      const { traces, layout } = specification(figure, column_frame(column));
      keep_view(figure, traces, layout);
      const text = decodeURIComponent((await Plotly.toImage({ data: traces, layout, config: QUIET }, { format: "svg", width: layout.width, height: layout.height })).replace(/^data:image\/svg\+xml,/, ""));
      return in_millimetres(text, layout.width, layout.height, column);
    };
    return { name: file_name(figure, figure.dataset.chart), svg };
  }
  // Of a drawing that stands in the page.
  function drawing_picture(figure) {
    const svg = async (column) => {
      const drawing = figure.querySelector(".drawing svg"), box = drawing.viewBox.baseVal;
      return in_millimetres(new XMLSerializer().serializeToString(drawing), box.width, box.height, column);
    };
    return { name: file_name(figure, figure.dataset.drawing), svg };
  }

  // What the reader zoomed into, and what the legend hides.
  function keep_view(figure, traces, layout) {
    if (!figure.drawn) return;
    traces.forEach((trace, i) => { if (figure.chart.data[i] && figure.chart.data[i].visible) trace.visible = figure.chart.data[i].visible; });
    for (const name of ["xaxis", "yaxis"]) {
      const axis = figure.chart.layout[name];
      if (!axis || !axis.range || layout[name].visible === false) continue;
      Object.assign(layout[name], { range: [...axis.range], autorange: false }, layout[name].type === "log" ? log_ticks(axis.range, name === "xaxis" ? layout.width - 90 : 1.6 * frame.plot) : {});
    }
  }

  const height_of = (width, height, column) => (COLUMNS[column] * height) / width;
  function in_millimetres(text, width, height, column) {
    const picture = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.setAttribute("width", COLUMNS[column] + "mm");
    picture.setAttribute("height", height_of(width, height, column).toFixed(2) + "mm");
    return { text: new XMLSerializer().serializeToString(picture), width, height };
  }

  const svg_url = (text) => "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);

  function download(name, type, content) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async function loaded(text) {
    const image = new Image();
    image.src = svg_url(text);
    await image.decode();
    return image;
  }

  async function save_svg(picture, column) {
    download(`${picture.name}.svg`, "image/svg+xml", (await picture.svg(column)).text);
  }

  // 600 dots an inch.
  async function save_png(picture, column) {
    const { text, width, height } = await picture.svg(column);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round((COLUMNS[column] / 25.4) * 600);
    canvas.height = Math.round((canvas.width * height) / width);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(await loaded(text), 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => download(`${picture.name}.png`, "image/png", blob));
  }

  // The browser's print dialogue with this chart alone, on a sheet of its size; the title becomes the file's name.
  async function save_pdf(picture, column) {
    const { text, width, height } = await picture.svg(column);
    const image = await loaded(text), style = document.createElement("style"), page = document.title;
    style.textContent = `@page { size: ${COLUMNS[column]}mm ${(height_of(width, height, column) + 0.5).toFixed(2)}mm; margin: 0; }`;
    image.className = "sheet";
    image.style.width = COLUMNS[column] + "mm";
    document.head.append(style);
    document.body.append(image);
    document.documentElement.classList.add("one-chart");
    document.title = picture.name;
    const after = () => {
      document.documentElement.classList.remove("one-chart");
      document.title = page;
      style.remove();
      image.remove();
    };
    window.addEventListener("afterprint", after, { once: true });
    window.print();
  }

  function save_controls(picture) {
    const details = document.createElement("details"), summary = document.createElement("summary"), line = document.createElement("div");
    details.className = "save";
    summary.textContent = "Save this chart";
    line.className = "controls";
    for (const column of Object.keys(COLUMNS)) {
      const set = document.createElement("fieldset"), legend = document.createElement("legend");
      legend.textContent = `${column} column, ${COLUMNS[column]} mm:`;
      set.append(legend);
      for (const [name, action] of [["SVG", save_svg], ["PDF", save_pdf], ["PNG", save_png]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => action(picture, column));
        set.append(button);
      }
      line.append(set);
    }
    details.append(summary, line);
    return details;
  }

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  figures.forEach(set_up);
  document.querySelectorAll("figure[data-drawing]").forEach((figure) => figure.querySelector(".drawing").before(save_controls(drawing_picture(figure))));
  // Charts are drawn when they come near: a report of many boards opens at once.
  const watcher = new IntersectionObserver((entries) => entries.filter((e) => e.isIntersecting && !e.target.drawn).forEach((e) => draw(e.target)), { rootMargin: "400px" });
  const is_folded = (figure) => figure.closest("details.sheet:not([open])") !== null;
  figures.forEach((figure) => (!is_folded(figure) && figure.getBoundingClientRect().top < window.innerHeight ? draw(figure) : watcher.observe(figure)));
  const redraw = (which) => figures.filter((figure) => figure.drawn && which(figure)).forEach((figure) => draw(figure));
  dark.addEventListener("change", () => { if (!printing) redraw(() => true); });
  let waiting = 0;
  const sizes = new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (!printing) redraw((figure) => figure.width !== figure.chart.clientWidth); }, 100);
  });
  figures.forEach((figure) => sizes.observe(figure));

  // --- paper: whatever the window, charts as wide as a page, tables that fit, and open what is worth reading ----------

  let printing = false;
  const opened = [];

  // Somewhat too wide: smaller type. Far too wide: cells break, too.
  function fit_tables() {
    for (const table of document.querySelectorAll("table")) {
      const room = table.parentElement.clientWidth, size = parseFloat(getComputedStyle(table).fontSize);
      const wide = () => table.scrollWidth / room;
      if (room === 0) continue;
      if (wide() > 1.3) table.classList.add("tight");
      if (wide() > 1) table.style.fontSize = Math.max(5, (0.985 * size) / wide()) + "px";
    }
  }

  // Should a page be narrower than expected, the pictures shrink with it.
  function let_shrink(figure) {
    const { width, height } = figure.chart.layout;
    figure.chart.querySelectorAll("svg.main-svg").forEach((svg) => svg.setAttribute("viewBox", `0 0 ${width} ${height}`));
    figure.chart.querySelector(".svg-container").style.aspectRatio = `${width} / ${height}`;
  }
  function let_be(figure) {
    figure.chart.querySelectorAll("svg.main-svg").forEach((svg) => svg.removeAttribute("viewBox"));
    figure.chart.querySelector(".svg-container").style.aspectRatio = "";
  }

  function to_paper() {
    if (printing || document.documentElement.classList.contains("one-chart")) return;
    printing = true;
    document.documentElement.classList.add("paper");
    document.querySelectorAll("details.keep:not([open])").forEach((details) => {
      details.open = true;
      opened.push(details);
    });
    figures.filter((figure) => !is_folded(figure)).forEach((figure) => {
      draw(figure, print_frame());
      let_shrink(figure);
    });
    fit_tables();
  }
  function from_paper() {
    if (!printing) return;
    printing = false;
    document.documentElement.classList.remove("paper");
    opened.splice(0).forEach((details) => (details.open = false));
    document.querySelectorAll("table").forEach((table) => {
      table.style.fontSize = "";
      table.classList.remove("tight");
    });
    figures.filter((figure) => figure.drawn && !is_folded(figure)).forEach((figure) => {
      let_be(figure);
      draw(figure);
    });
  }
  window.addEventListener("beforeprint", to_paper);
  window.addEventListener("afterprint", from_paper);
  matchMedia("print").addEventListener("change", (event) => (event.matches ? to_paper() : from_paper()));

  // Tables that stand in the page: copyable too.
  document.querySelectorAll("table[data-copy]").forEach((table) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "copy";
    element.textContent = "copy table";
    element.addEventListener("click", () => copy([...table.rows].map((row) => [...row.cells].map((cell) => cell_text(cell.textContent.trim())).join("\t")).join("\n"), element));
    table.parentElement.after(element);
  });
  document.querySelectorAll("pre[data-copy]").forEach((lines) => {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "copy";
    element.textContent = "copy configuration";
    element.addEventListener("click", () => copy(lines.textContent, element));
    lines.after(element);
  });
  document.documentElement.dataset.ready = "true";
})();
