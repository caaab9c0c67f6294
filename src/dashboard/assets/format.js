// Numbers as people read them. Undefined is a dash, never 0.
const dash = '–';

export const known = (value) => value !== null && value !== undefined && !Number.isNaN(value);

export const fixed = (value, decimals) => (known(value) ? value.toFixed(decimals) : dash);

export function duration(ns) {
  if (!known(ns) || ns === 0) return dash;
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 999.5e3) return `${(ns / 1e3).toPrecision(3)} µs`;
  if (ns < 999.5e6) return `${(ns / 1e6).toPrecision(3)} ms`;
  return `${(ns / 1e9).toPrecision(3)} s`;
}

export function age(seconds) {
  if (!known(seconds)) return dash;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

export function uptime(seconds) {
  if (!known(seconds)) return dash;
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s / 3600) % 24} h`;
}

export function short(value) {
  if (!known(value)) return dash;
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toPrecision(3)}G`;
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${(value / 1e3).toPrecision(3)}k`;
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toPrecision(3);
}

// An element with text and class; text only, so that no name of an instrument can become markup.
export function element(tag, className = '', text = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== '') made.textContent = text;
  return made;
}

// Touches the page only where something changed.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
