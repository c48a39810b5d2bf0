// Draws the charts of a report from the data that stands in it. Text of users goes into the page by textContent only,
// and into charts by plain(), since Plotly reads some markup.
"use strict";
(() => {
  const report = JSON.parse(document.getElementById("data").textContent);

  // Okabe & Ito's palette without black; then the same again with other dashes and symbols, so that twenty strategies
  // stay apart without colour too.
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1"];
  const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "x", "star"];
  const colour = (i) => COLOURS[i % COLOURS.length];
  const dash = (i) => DASHES[Math.floor(i / COLOURS.length) % DASHES.length];
  const symbol = (i) => SYMBOLS[Math.floor(i / COLOURS.length) % SYMBOLS.length];

  const AXES = {
    evaluations: { name: "evaluations", button: "evaluations" },
    hours: { name: "simulated hours", button: "hours" },
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
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const faded = (hex, part) => `rgba(${parseInt(hex.slice(1, 3), 16)},${parseInt(hex.slice(3, 5), 16)},${parseInt(hex.slice(5, 7), 16)},${part})`;
  const values_name = (board) => board.objective + (board.unit ? ", " + board.unit : "");

  function layout(x, y, more = {}) {
    const axis = { gridcolor: css("--line"), zerolinecolor: css("--line"), linecolor: css("--soft"), automargin: true };
    const narrow = window.innerWidth < 640;
    return {
      font: { family: "system-ui, sans-serif", size: narrow ? 11 : 13, color: css("--ink") },
      paper_bgcolor: css("--page"), plot_bgcolor: css("--page"), colorway: COLOURS,
      margin: { l: narrow ? 45 : 65, r: 15, t: 20, b: 45 },
      hovermode: "closest", hoverlabel: { namelength: 40, align: "left" },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, traceorder: "normal" },
      ...more,
      xaxis: { ...axis, title: { text: plain(x) }, dtick: more.xaxis && more.xaxis.type === "log" ? "D2" : undefined, ...more.xaxis },
      yaxis: { ...axis, title: { text: plain(y) }, ...more.yaxis },
    };
  }

  const regret = (board, value) => (board.better === "higher" ? board.optimum - value : value - board.optimum);

  // --- each chart: what it shows for a choice of controls, and the same as a table -----------------------------

  function anytime(board, choice) {
    const curves = board.curves[choice.axis];
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
    const more = { xaxis: { type: choice.scale }, yaxis: { type: log_y ? "log" : "linear" } };
    if (!log_y) {
      more.shapes = [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: board.default, y1: board.default, line: { color: css("--soft"), width: 1, dash: "dot" } }];
      more.annotations = [{ xref: "paper", x: 1, y: board.default, xanchor: "right", yanchor: "bottom", text: "default configuration", showarrow: false, font: { size: 11, color: css("--soft") } }];
      more.yaxis.range = value_range(board, curves);
    }
    return { traces, layout: layout(AXES[choice.axis].name, log_y ? "simple regret" + (board.unit ? ", " + (board.unit === "%" ? "points" : board.unit) : "") : values_name(board), more) };
  }

  // From where the last strategy stands at a tenth of the cost: a first random candidate may be so bad that all else would
  // be one line.
  function value_range(board, curves) {
    if (!curves) return undefined;
    const costs = curves.x, tenth = costs.findIndex((x) => x >= 0.1 * costs[costs.length - 1]);
    const shown = curves.series.flatMap((s) => s.mean.slice(tenth)).filter((v) => v !== null);
    if (shown.length === 0) return undefined;
    const low = Math.min(...shown, board.default), high = Math.max(...shown, board.default);
    const pad = 0.15 * (high - low || Math.abs(high) || 1);
    return [low - pad, high + pad];
  }

  function anytime_table(board, choice) {
    const curves = board.curves[choice.axis];
    const head = [AXES[choice.axis].name];
    board.strategies.forEach((name) => head.push(name + " mean", "low", "high"));
    return { head, rows: curves.x.map((x, k) => [x, ...curves.series.flatMap((s) => [s.mean[k], s.low[k], s.high[k]])]) };
  }

  const PARETO_AXES = { carbon: "kg", energy: "kwh", hours: "hours", money: "usd" };

  function pareto(board, choice) {
    const key = PARETO_AXES[choice.axis];
    const traces = [];
    board.strategies.forEach((name, s) => {
      const f = board.finals[s];
      if (f.value.length === 0) return;
      traces.push({ x: f[key], y: f.value, mode: "markers", name: plain(short(name)), legendgroup: String(s), hoverinfo: "text",
        marker: { color: faded(colour(s), 0.45), symbol: symbol(s), size: 7 },
        text: f.value.map((v, k) => `${plain(short(name))}, seed ${plain(f.seed[k])}<br>${number(v)} ${plain(board.unit)} for ${number(f.kg[k])} kg CO2e<br>` +
          plain(f.configuration[k]).replace(/((?:[^;]*;){3})/g, "$1<br>")) });
      const mean = board.means[s];
      if (mean.value !== null) {
        traces.push({ x: [mean[key]], y: [mean.value], mode: "markers", legendgroup: String(s), showlegend: false, hoverinfo: "text",
          text: [`${plain(short(name))}, mean of ${f.value.length} searches<br>${number(mean.value)} ${plain(board.unit)} for ${number(mean[key])}`],
          marker: { color: colour(s), symbol: symbol(s), size: 13, line: { width: 2, color: css("--ink") } },
          error_y: mean.low === null ? undefined : { type: "data", symmetric: false, array: [mean.high - mean.value], arrayminus: [mean.value - mean.low], color: colour(s) } });
      }
    });
    const front = front_of(board, key);
    if (front.length > 1) {
      traces.push({ x: front.map((p) => p.x), y: front.map((p) => p.y), mode: "lines", name: "Pareto front of the means", hoverinfo: "skip",
        line: { shape: "hv", color: css("--soft"), dash: "dot", width: 1.5 } });
    }
    return { traces, layout: layout(AXES[choice.axis].name + " per search", values_name(board), { xaxis: { type: choice.scale } }) };
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
      f.value.forEach((v, k) => rows.push([name, f.seed[k], v, f.kg[k], f.kwh[k], f.hours[k], f.usd[k], f.evaluations[k], f.configuration[k]]));
    });
    return { head: ["strategy", "seed", values_name(board), "kg CO2e", "kWh", "hours", "USD", "evaluations", "configuration"], rows };
  }

  function profile(board) {
    const traces = board.profile.series.map((shares, s) => ({ x: board.profile.x, y: shares, mode: "lines", name: plain(short(board.strategies[s])),
      line: { color: colour(s), dash: dash(s), width: 2, shape: "hv" }, hoverinfo: "text",
      text: shares.map((y, k) => `${plain(short(board.strategies[s]))}<br>${number(100 * y)} % of searches reach ${number(board.profile.x[k])} or better`) }));
    const more = { yaxis: { range: [0, 1.03], tickformat: ".0%" } };
    if (board.better === "lower") more.xaxis = { autorange: "reversed" };
    return { traces, layout: layout(values_name(board) + " or better", "share of searches", more) };
  }
  const profile_table = (board) => ({ head: [values_name(board), ...board.strategies], rows: board.profile.x.map((x, k) => [x, ...board.profile.series.map((s) => s[k])]) });

  function ranks(board) {
    const r = board.ranks;
    const traces = r.mean.map((line, s) => ({ x: r.x, y: line, mode: "lines", name: plain(short(board.strategies[s])), line: { color: colour(s), dash: dash(s), width: 2 },
      hoverinfo: "text", text: line.map((y, k) => `${plain(short(board.strategies[s]))}<br>mean rank ${number(y)} at ${number(r.x[k])} kg CO2e`) }));
    return { traces, layout: layout("kg CO2e", "mean rank (1 is best)", { xaxis: { type: "log" }, yaxis: { autorange: "reversed" } }) };
  }
  const ranks_table = (board) => ({ head: ["kg CO2e", ...board.strategies], rows: board.ranks.x.map((x, k) => [x, ...board.ranks.mean.map((line) => line[k])]) });

  function breakdown(board) {
    const traces = board.breakdown.lines.map((line, l) => ({ type: "bar", orientation: "h", name: plain(line), y: board.strategies.map((_, s) => s), x: board.breakdown.kg.map((row) => row[l]),
      marker: { color: colour(l) }, hoverinfo: "text", text: board.strategies.map((name, s) => `${plain(short(name))}<br>${plain(line)}: ${number(board.breakdown.kg[s][l])} kg CO2e`), textposition: "none" }));
    return { traces, layout: layout("kg CO2e per search, mean", "", { barmode: "stack", yaxis: strategy_axis(board), height: 150 + 26 * board.strategies.length }) };
  }
  const strategy_axis = (board) => ({ autorange: "reversed", tickvals: board.strategies.map((_, s) => s), ticktext: board.strategies.map((name) => plain(short(name, 24))), title: { text: "" } });
  const breakdown_table = (board) => ({ head: ["strategy", ...board.breakdown.lines.map((l) => l + ", kg CO2e")], rows: board.strategies.map((name, s) => [name, ...board.breakdown.kg[s]]) });

  function waterfall(board) {
    const w = board.waterfall;
    let at = 0;
    const base = w.kg.map((kg) => { at += kg; return at - kg; });
    const names = [...w.steps, "total"];
    return { traces: [{ type: "bar", x: names.map((_, i) => i), y: [...w.kg, at], base: [...base, 0], hoverinfo: "text", textposition: "none",
      text: [...w.kg, at].map((kg, i) => `${plain(names[i])}: ${number(kg)} kg CO2e (${number(at > 0 ? (100 * kg) / at : 0)} %)`),
      marker: { color: names.map((_, i) => (i + 1 === names.length ? css("--soft") : colour(i))) } }],
      layout: layout("", "kg CO2e", { xaxis: { tickvals: names.map((_, i) => i), ticktext: names.map(plain) }, showlegend: false }) };
  }
  const waterfall_table = (board) => ({ head: ["step", "kg CO2e"], rows: [...board.waterfall.steps.map((step, i) => [step, board.waterfall.kg[i]]), ["total", board.waterfall.kg.reduce((a, b) => a + b, 0)]] });

  const STATUS_COLOURS = { completed: "#0072b2", "partially trained": "#56b4e9", cached: "#8c6bb1", screened: "#009e73", failed: "#d55e00" };
  function timeline(board) {
    const t = board.timeline;
    const traces = Object.keys(STATUS_COLOURS).map((status) => {
      const bars = t.bars.filter((bar) => bar.status === status);
      return { type: "bar", orientation: "h", name: status, y: bars.map((bar) => bar.worker + 1), x: bars.map((bar) => bar.end - bar.start), base: bars.map((bar) => bar.start), marker: { color: STATUS_COLOURS[status], line: { color: css("--page"), width: 0.5 } },
        hoverinfo: "text", textposition: "none", text: bars.map((bar) => `worker ${bar.worker + 1}, ${number(bar.start)} to ${number(bar.end)} h<br>${bar.count === 1 ? "1 trial" : bar.count + " trials"}${bar.site ? " at " + plain(bar.site) : ""}, ${status}, ${number(bar.kg)} kg CO2e`) };
    }).filter((trace) => trace.x.length > 0);
    traces.push({ x: t.intensity.hours, y: t.intensity.grams, mode: "lines", line: { color: css("--ink"), width: 1.5, shape: "hv" }, name: "g CO2e/kWh charged", showlegend: false, yaxis: "y2", hoverinfo: "x+y" });
    return { traces, layout: layout("simulated hours", "worker", { barmode: "overlay", bargap: 0.15, yaxis: { domain: [0, 0.68], autorange: "reversed", dtick: t.workers > 16 ? undefined : 1 },
      yaxis2: { domain: [0.76, 1], title: { text: "g/kWh" }, rangemode: "tozero", gridcolor: css("--line"), automargin: true }, height: 340 + 12 * Math.min(t.workers, 40) }) };
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
      layout: layout("% of the variance explained on its own", "", { yaxis: { autorange: "reversed", tickvals: p.map((_, i) => i), ticktext: p.map((e) => plain(short(e.name, 28))), title: { text: "" } }, height: 130 + 24 * p.length, showlegend: false }) };
  }
  const importance_table = (board) => ({ head: ["parameter", "share of the variance explained on its own"], rows: board.importance.parameters.map((e) => [e.name, e.share]) });

  // Parallel coordinates by plain lines: each axis is scaled to its own range.
  function parallel(board) {
    const p = board.parallel;
    const columns = [...p.parameters, { name: values_name(board), low: p.low, high: p.high }];
    const place = (column, x) => (column.choices ? (column.choices.length > 1 ? x / (column.choices.length - 1) : 0.5)
      : column.high === column.low ? 0.5 : column.log ? Math.log(x / column.low) / Math.log(column.high / column.low) : (x - column.low) / (column.high - column.low));
    const shown = (column, x) => (x === null ? "inactive" : column.choices ? column.choices[x] : number(x));
    const traces = p.rows.map((row) => {
      const all = [...row.values, row.value];
      return { x: columns.map((_, i) => i), y: all.map((x, i) => (x === null ? -0.12 : place(columns[i], x))), mode: "lines", showlegend: false,
        line: { width: 1.4, color: faded(colour(row.strategy), 0.55), dash: dash(row.strategy) }, hoverinfo: "text",
        text: columns.map((c, i) => `${plain(short(board.strategies[row.strategy]))}: ${number(row.value)}<br>${plain(c.name)} = ${plain(shown(c, all[i]))}`) };
    });
    const annotations = columns.flatMap((c, i) => [[1.03, c.choices ? c.choices[c.choices.length - 1] : number(c.high), "bottom"], [-0.03, c.choices ? c.choices[0] : number(c.low), "top"]]
      .map(([y, text, anchor]) => ({ x: i, y, text: plain(short(String(text), 14)), showarrow: false, yanchor: anchor, textangle: window.innerWidth < 640 ? -35 : 0, font: { size: 10, color: css("--soft") } })));
    return { traces, layout: layout("", "", { annotations, xaxis: { tickvals: columns.map((_, i) => i), ticktext: columns.map((c) => plain(short(c.name, 16))), range: [-0.4, columns.length - 0.6], tickangle: columns.length > 7 || window.innerWidth < 640 ? 50 : 0 },
      yaxis: { visible: false, range: [-0.28, 1.15] }, shapes: columns.map((_, i) => ({ type: "line", x0: i, x1: i, y0: 0, y1: 1, line: { color: css("--soft"), width: 1 } })) }) };
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
    return { traces, layout: layout("kg CO2e", values_name(board), { xaxis: { type: "log" }, yaxis: { range: value_range(board, board.curves.carbon) } }) };
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
      pareto: { axis: Object.keys(PARETO_AXES), scale: ["linear", "log"] },
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

  function draw(figure) {
    const board = report.boards[figure.dataset.board];
    const { traces, layout } = CHARTS[figure.dataset.chart][0](board, figure.choice);
    figure.drawn = true;
    Plotly.react(figure.chart, traces, layout, { responsive: true, displaylogo: false, plotlyServerURL: "", showSendToCloud: false, showTips: false, displayModeBar: "hover",
      modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d", "autoScale2d"] });
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
    const save = (format) => () => {
      if (!figure.drawn) draw(figure);
      Plotly.downloadImage(figure.chart, { format, filename: figure.id, width: figure.chart.clientWidth || 900, height: figure.chart.clientHeight || 450, scale: format === "png" ? 3 : 1 });
    };
    bar.append(button("save SVG", save("svg")), button("save PNG", save("png")));
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
  }

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  figures.forEach(set_up);
  // Charts are drawn when they come near: a report of many boards opens at once.
  const watcher = new IntersectionObserver((entries) => entries.filter((e) => e.isIntersecting && !e.target.drawn).forEach((e) => draw(e.target)), { rootMargin: "400px" });
  const is_folded = (figure) => figure.closest("details.sheet:not([open])") !== null;
  figures.forEach((figure) => (!is_folded(figure) && figure.getBoundingClientRect().top < window.innerHeight ? draw(figure) : watcher.observe(figure)));
  const again = () => figures.filter((figure) => figure.drawn).forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  matchMedia("print").addEventListener("change", (event) => { if (event.matches) figures.filter((figure) => !is_folded(figure)).forEach(draw); });
  window.addEventListener("beforeprint", () => figures.filter((figure) => !is_folded(figure)).forEach(draw));

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
