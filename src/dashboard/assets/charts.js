// Time series of one instrument, and the charts that show them.
import {known} from './format.js';

const keepSeconds = 600;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Columns over time; a hole where a value is undefined.
export class Series {
  constructor() {
    this.times = [];
    this.columns = new Map();
  }

  load(message) {
    this.times = [];
    for (let i = 0; i < message.size; ++i) {
      this.times.push((message.end_ms - (message.size - 1 - i) * message.step_ms) / 1000);
    }
    this.columns = new Map(Object.entries(message.columns));
  }

  append(time, values) {
    const last = this.times.at(-1);
    if (last !== undefined && time <= last) return;
    for (const name of Object.keys(values)) {
      if (!this.columns.has(name)) this.columns.set(name, new Array(this.times.length).fill(null));
    }
    this.times.push(time);
    for (const [name, column] of this.columns) {
      column.push(known(values[name]) ? values[name] : null);
    }
    const old = this.times.findIndex((at) => at >= time - keepSeconds);
    if (old > 500) {
      this.times.splice(0, old);
      for (const column of this.columns.values()) column.splice(0, old);
    }
  }

  has(name) {
    return this.columns.has(name);
  }
  of(name) {
    return this.columns.get(name) ?? new Array(this.times.length).fill(null);
  }
}

const axisWidth = 56;

// The time of day, UTC.
const clockOf = (time) => new Date(time * 1000).toISOString().slice(11, 19);

function axis(extra) {
  return {
    stroke: colour('--quiet'), font: '11px system-ui', grid: {stroke: colour('--line'), width: 1},
    ticks: {show: false}, ...extra,
  };
}

// One uPlot chart of some columns of a Series.
export class TimeChart {
  constructor(host, series, lines, {height = 110, range = null, decimals = 2, clock = false} = {}) {
    this.series = series;
    this.lines = lines;
    this.host = host;
    const show = (value) => (known(value) ? value.toFixed(decimals) : '–');
    const options = {
      width: Math.max(120, host.clientWidth), height,
      // As wide as the other charts, with a time axis or without.
      padding: [8, 0, clock ? 0 : 8, 0],
      cursor: {y: false, points: {size: 5}},
      legend: {live: true},
      scales: {x: {time: true, range: () => this.span ?? [0, 1]}, y: range ? {range} : {}},
      axes: [
        axis({
          show: clock, size: 22, gap: 2, space: 74, grid: {show: false},
          // No half texts at the edges.
          values: (plot, ticks) => ticks.map((at) => {
            const x = plot.valToPos(at, 'x');
            return x < 20 || x > plot.over.clientWidth - 26 ? '' : clockOf(at);
          }),
        }),
        axis({size: axisWidth, values: (_, ticks) => ticks.map((tick) => +tick.toPrecision(8))}),
      ],
      series: [
        {value: (_, time) => (known(time) ? clockOf(time) : '')},
        ...lines.map((line) => ({
          label: line.label, stroke: colour(line.colour), width: line.width ?? 1.5,
          fill: line.fill ? colour(line.fill) : undefined, points: {show: false},
          paths: line.step ? uPlot.paths.stepped({align: 1}) : undefined,
          value: (_, value) => show(value),
        })),
      ],
    };
    this.plot = new uPlot(options, this.data(), host);
    this.observer = new ResizeObserver(() => {
      const width = Math.max(120, host.clientWidth);
      if (width !== this.plot.width) this.plot.setSize({width, height});
    });
    this.observer.observe(host);
  }

  data() {
    return [this.series.times, ...this.lines.map((line) => this.series.of(line.column))];
  }
  draw(span) {
    this.span = span;
    this.plot.setData(this.data());
    // Away from the pointer, the legend tells the newest values.
    const {idx} = this.plot.cursor;
    if (idx === null || idx === undefined) this.plot.setLegend({idx: this.series.times.length - 1}, false);
  }
  destroy() {
    this.observer.disconnect();
    this.plot.destroy();
  }
}

// What the regime was, as a band of colours under the charts.
export class RegimeStrip {
  constructor(host, series) {
    this.series = series;
    this.canvas = document.createElement('canvas');
    this.canvas.height = 18;
    host.append(this.canvas);
  }

  draw([from, to]) {
    const width = this.canvas.parentElement.clientWidth;
    if (this.canvas.width !== width) this.canvas.width = width;
    const context = this.canvas.getContext('2d');
    context.clearRect(0, 0, width, 18);
    const colours = {
      '-2': colour('--ask'), '-1': colour('--ask-soft'), 0: colour('--line'),
      1: colour('--bid-soft'), 2: colour('--bid'),
    };
    const values = this.series.of('regime');
    const at = (time) => axisWidth + ((time - from) / (to - from)) * (width - axisWidth);
    const {times} = this.series;
    for (let i = 0; i < times.length; ++i) {
      const end = Math.min(times[i + 1] ?? to, times[i] + 1.5);
      if (end <= from || !known(values[i])) continue;
      const begin = Math.max(from, times[i]);
      context.fillStyle = colours[Math.max(-2, Math.min(2, Math.round(values[i])))];
      context.fillRect(at(begin), 2, Math.max(1, at(end) - at(begin) + 0.5), 14);
    }
  }
  destroy() {
    this.canvas.remove();
  }
}

// Shares of a histogram over a logarithmic axis of nanoseconds.
export class LatencyChart {
  constructor(host, labels) {
    const colours = ['--accent', '--bid', '--warn', '--ask'];
    this.labels = labels;
    this.plot = new uPlot({
      width: Math.max(200, host.clientWidth), height: 190,
      cursor: {y: false},
      legend: {live: false},
      scales: {x: {time: false, distr: 3}, y: {range: (_, low, high) => [0, Math.max(1, high)]}},
      axes: [
        axis({values: (_, ticks) => ticks.map((ns) => {
          if (!/^1/.test(String(ns))) return '';
          return ns < 1e3 ? `${ns} ns` : ns < 1e6 ? `${ns / 1e3} µs` : ns < 1e9 ? `${ns / 1e6} ms` : `${ns / 1e9} s`;
        })}),
        axis({size: 44, values: (_, ticks) => ticks.map((tick) => `${tick}%`)}),
      ],
      series: [
        {label: 'up to', value: (_, ns) => (known(ns) ? `${(ns / 1e3).toPrecision(3)} µs` : '')},
        ...labels.map((label, i) => ({
          label, stroke: colour(colours[i % colours.length]), width: 1.5, points: {show: false},
          paths: uPlot.paths.stepped({align: -1}), spanGaps: true,
          value: (_, share) => (known(share) ? `${share.toFixed(1)}%` : ''),
        })),
      ],
    }, [[1000, 1000000], ...labels.map(() => [null, null])], host);
    this.observer = new ResizeObserver(() => {
      this.plot.setSize({width: Math.max(200, host.clientWidth), height: 190});
    });
    this.observer.observe(host);
  }

  draw(stages) {
    const bounds = new Set();
    for (const stage of stages) for (const [bound] of stage.buckets) bounds.add(bound);
    const xs = [...bounds].sort((a, b) => a - b);
    if (xs.length < 2) return;
    const ys = stages.map((stage) => {
      const total = stage.buckets.reduce((sum, [, count]) => sum + count, 0);
      const shares = new Map(stage.buckets.map(([bound, count]) => [bound, (100 * count) / total]));
      return xs.map((x) => shares.get(x) ?? 0);
    });
    this.plot.setData([xs, ...ys]);
  }
  destroy() {
    this.observer.disconnect();
    this.plot.destroy();
  }
}
