// The page: one WebSocket in, what it says shown, and STALE whenever it cannot be of now.
import {age, duration, element, fixed, known, setText, short, uptime} from './format.js';
import {Health, worst} from './health.js';
import {Panel} from './panel.js';

const byId = (id) => document.getElementById(id);
const keyOf = (instrument) => `${instrument.venue} ${instrument.symbol}`;
const store = {
  get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } },
};

const spans = [['1 min', 60], ['5 min', 300], ['10 min', 600]];
const state = {
  socket: null, last: null, lastAt: 0, health: null, generation: null,
  span: Number(store.get('span')) || 60, rows: new Map(), panels: new Map(), filter: '', started: false,
};
const health = new Health();

// --- what is open ---------------------------------------------------------------------------------

function watch() {
  if (state.socket?.readyState !== WebSocket.OPEN) return;
  state.socket.send(['watch', ...state.panels.keys()].join('\n'));
}

function open(key) {
  if (state.panels.has(key)) return;
  const panel = new Panel(key, () => close(key));
  state.panels.set(key, panel);
  byId('panels').append(panel.root);
  remember();
}

function close(key) {
  const panel = state.panels.get(key);
  panel?.destroyCharts();
  panel?.root.remove();
  state.panels.delete(key);
  remember();
}

function remember() {
  store.set(`open ${state.last?.daemon.instance}`, [...state.panels.keys()].join('\n'));
  for (const [key, row] of state.rows) row.root.setAttribute('aria-pressed', state.panels.has(key));
  watch();
}

// The first picture opens what was open the last time, or the first two.
function begin(instruments) {
  state.started = true;
  const there = new Set(instruments.map(keyOf));
  const before = (store.get(`open ${state.last.daemon.instance}`) ?? '').split('\n').filter((key) => there.has(key));
  const wanted = before.length > 0 ? before : [...there].slice(0, 2);
  for (const key of wanted) open(key);
}

// --- the list -------------------------------------------------------------------------------------

function makeRow(instrument) {
  const key = keyOf(instrument);
  const root = element('button', 'row');
  root.type = 'button';
  const dot = element('span', 'dot');
  const name = element('span', 'name', instrument.symbol);
  const venue = element('span', 'venue', instrument.venue);
  const beam = element('span', 'beam');
  const arm = element('span');
  beam.append(arm);
  const regime = element('span', 'regime');
  const rate = element('span', 'rate');
  const late = element('span', 'late');
  root.append(dot, name, rate, venue, beam, regime, late);
  root.addEventListener('click', () => (state.panels.has(key) ? close(key) : open(key)));
  root.setAttribute('aria-pressed', state.panels.has(key));
  byId('rows').append(root);
  return {root, dot, arm, regime, rate, late};
}

function showRow(row, instrument, current) {
  const trusted = current && instrument.live;
  row.root.classList.toggle('doubtful', !trusted);
  row.dot.className = `dot ${trusted ? 'good' : 'bad'}`;
  const balance = known(instrument.pbi) ? instrument.pbi : 0;
  row.arm.style.width = `${Math.abs(balance) * 50}%`;
  row.arm.style.left = balance < 0 ? `${50 - Math.abs(balance) * 50}%` : '50%';
  row.arm.className = balance < 0 ? 'ask' : 'bid';
  const regime = Math.round(instrument.regime ?? 0);
  setText(row.regime, known(instrument.level) && instrument.level >= 2 ? `C${instrument.level}` : {2: '▲▲', 1: '▲', '-1': '▼', '-2': '▼▼'}[regime] ?? '');
  row.regime.className = `regime ${regime < 0 || instrument.level >= 2 ? 'ask-text' : 'bid-text'}`;
  setText(row.rate, trusted ? `${short(instrument.rate_hz)}/s` : current ? instrument.verdict.split(',')[0] : 'stale');
  setText(row.late, age(instrument.age_s));
}

// Nothing of what is on the page is of now.
function showAllStale() {
  if (!state.last) return;
  const {daemon, instruments} = state.last;
  showHead(daemon, instruments, false);
  showList(instruments, false);
  for (const panel of state.panels.values()) panel.mark(false, 'stale');
}

function showList(instruments, current) {
  const there = new Set();
  for (const instrument of instruments) {
    const key = keyOf(instrument);
    there.add(key);
    if (!state.rows.has(key)) state.rows.set(key, makeRow(instrument));
    const row = state.rows.get(key);
    const text = `${key} ${instrument.name} ${instrument.verdict}`.toLowerCase();
    row.root.hidden = !state.filter.split(' ').every((word) => text.includes(word));
    showRow(row, instrument, current);
  }
  for (const [key, row] of state.rows) {
    if (there.has(key)) continue;
    row.root.remove();
    state.rows.delete(key);
  }
}

// --- the head -------------------------------------------------------------------------------------

function fact(facts, name, value) {
  const pair = element('div');
  pair.append(element('dt', '', name), element('dd', '', value));
  facts.push(pair);
}

function showHead(daemon, instruments, current) {
  setText(byId('instance'), daemon.instance);
  document.title = `${current ? '' : 'STALE · '}${daemon.instance} · steelyard`;
  const facts = [];
  if (daemon.presence !== 'absent') {
    fact(facts, 'live', `${current ? daemon.live : 0} of ${instruments.length}`);
    fact(facts, 'records/s', current ? short(daemon.records_hz) : '–');
    fact(facts, 'up', current ? uptime(daemon.uptime_s) : '–');
    if (state.health) {
      const all = worst(state.health.stages, 'received to published');
      fact(facts, 'wire→shm p50 / p99', `${duration(all.p50)} / ${duration(all.p99)}`);
    }
    fact(facts, 'version', daemon.version);
    if (daemon.restarts > 0) fact(facts, 'restarts', String(daemon.restarts));
  }
  byId('facts').replaceChildren(...facts);
}

// Why what is shown is not of now; empty if it is.
function staleness() {
  if (!state.last) return 'waiting for the first picture';
  if (state.socket?.readyState !== WebSocket.OPEN) return 'no connection to `steelyard dashboard`; trying again';
  if (performance.now() - state.lastAt > 3000) return '`steelyard dashboard` has been silent for seconds';
  const {daemon} = state.last;
  if (daemon.presence === 'alive') return '';
  if (daemon.presence === 'dead') return `no heartbeat of the daemon for ${age(daemon.heartbeat_s)}: it was killed or hangs`;
  if (daemon.presence === 'stopped') return 'the daemon was stopped; this is its last state';
  return `no daemon: ${daemon.reason}`;
}

function showPresence() {
  const reason = staleness();
  const current = reason === '';
  document.body.classList.toggle('stale', !current);
  const pill = byId('presence');
  setText(pill, current ? 'ALIVE' : 'STALE');
  pill.className = `pill ${current ? 'good' : 'bad'}`;
  const banner = byId('banner');
  banner.hidden = current;
  if (!current) {
    setText(banner, `STALE: ${reason}. Nothing below is current.`);
    health.showTroubles([{level: 2, subject: 'STALE', what: reason, fix: ''}]);
  }
  return current;
}

// --- what comes in --------------------------------------------------------------------------------

function onState(message) {
  state.last = message;
  state.lastAt = performance.now();
  const {daemon, instruments, watched} = message;
  const current = showPresence();
  if (state.generation !== null && state.generation !== daemon.generation) watch();
  state.generation = daemon.generation;
  if (!state.started && instruments.length > 0) begin(instruments);
  showHead(daemon, instruments, current);
  showList(instruments, current);
  for (const instrument of instruments) {
    const key = keyOf(instrument);
    state.panels.get(key)?.show(instrument, watched[key], message.now_ms / 1000, state.span, current);
  }
}

const handlers = {
  state: onState,
  health: (message) => {
    state.health = message;
    health.show(message, staleness() === '');
    for (const [key, panel] of state.panels) panel.showOwn(message.own[key]);
  },
  history: (message) => state.panels.get(message.key)?.load(message),
};

function connect() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  state.socket = new WebSocket(`${scheme}://${location.host}/live`);
  state.socket.addEventListener('open', watch);
  state.socket.addEventListener('message', (event) => {
    const message = JSON.parse(event.data);
    handlers[message.type]?.(message);
  });
  state.socket.addEventListener('close', () => {
    showPresence();
    showAllStale();
    setTimeout(connect, 1000);
  });
}

// --- what the person sets -------------------------------------------------------------------------

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  for (const panel of state.panels.values()) panel.build();
  health.repaint();
}

// As the system has it, until somebody says otherwise.
const light = matchMedia('(prefers-color-scheme: light)');
const followTheme = () => setTheme(store.get('theme') ?? (light.matches ? 'light' : 'dark'));
followTheme();
light.addEventListener('change', followTheme);
byId('theme').addEventListener('click', () => {
  store.set('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  followTheme();
});
byId('filter').addEventListener('input', (event) => {
  state.filter = event.target.value.toLowerCase();
  if (state.last) showList(state.last.instruments, staleness() === '');
});
for (const [label, seconds] of spans) {
  const button = element('button', '', label);
  button.type = 'button';
  button.setAttribute('aria-pressed', seconds === state.span);
  button.addEventListener('click', () => {
    state.span = seconds;
    store.set('span', seconds);
    for (const other of byId('spans').children) other.setAttribute('aria-pressed', other === button);
  });
  byId('spans').append(button);
}
setInterval(() => {
  if (!showPresence()) showAllStale();
}, 500);
connect();
