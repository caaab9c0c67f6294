// One open instrument: its verdict, its ladder, its charts.
import {RegimeStrip, Series, TimeChart} from './charts.js';
import {age, duration, element, fixed, known, setText, short} from './format.js';

const levels = 20;
const regimes = {'-2': '▼▼ extreme sell', '-1': '▼ sell', 0: '· neutral', 1: '▲ buy', 2: '▲▲ extreme buy'};

const charts = [
  {title: 'price', lines: [{column: 'mid', label: 'mid', colour: '--text'}], price: true},
  {
    title: 'imbalance', range: [-1, 1],
    lines: [
      {column: 'pbi_10bp', label: 'within 10 bps', colour: '--accent', width: 2},
      {column: 'qi', label: 'best queues', colour: '--faint', width: 1},
      {column: 'x_pbi', label: 'all venues', colour: '--warn'},
    ],
  },
  {
    title: 'flow',
    lines: [
      {column: 'ofi_norm_1000ms', label: 'OFI 1 s', colour: '--accent', width: 2},
      {column: 'ois', label: 'OIS', colour: '--warn'},
    ],
  },
  {title: 'trades', range: [-1, 1], height: 130, last: true, lines: [{column: 'tfi_10000ms', label: 'trade flow 10 s', colour: '--bid'}]},
  {
    title: 'liquidations', decimals: 0, height: 90, side: true,
    lines: [{column: 'liq_net_60000ms', label: 'liquidations 60 s', colour: '--ask', fill: '--ask-soft', step: true}],
  },
  {title: 'cascade', range: [0, 3.2], decimals: 0, height: 90, side: true, last: true,
   lines: [{column: 'casc_level', label: 'cascade level', colour: '--warn', fill: '--warn-soft', step: true}]},
];

class Ladder {
  constructor(host) {
    this.host = host;
    const head = element('div', 'level head');
    for (const text of ['size', 'bid', 'ask', 'size']) head.append(element('span', '', text));
    host.append(head);
    this.rows = [];
    for (let i = 0; i < levels; ++i) {
      const row = element('div', 'level');
      const make = (kind) => {
        const side = element('div', `side ${kind}`);
        const [sum, bar, size, price] = ['sum', 'bar', 'size', 'price'].map((c) => element('span', c));
        side.append(sum, bar, ...(kind === 'bids' ? [size, price] : [price, size]));
        row.append(side);
        return {side, sum, bar, size, price};
      };
      this.rows.push({bid: make('bids'), ask: make('asks')});
      host.append(row);
    }
  }

  show(now) {
    const all = [...now.bids, ...now.asks];
    const most = Math.max(...all.map(([, size]) => size), 0) || 1;
    const total = (side) => side.reduce((sum, [, size]) => sum + size, 0);
    const deepest = Math.max(total(now.bids), total(now.asks)) || 1;
    const fill = (cells, level, sum) => {
      setText(cells.price, level ? fixed(level[0], now.decimals) : '');
      setText(cells.size, level ? fixed(level[1], Math.min(4, now.size_decimals)) : '');
      cells.side.style.setProperty('--bar', level ? level[1] / most : 0);
      cells.side.style.setProperty('--sum', level ? sum / deepest : 0);
    };
    const digits = Math.max(...all.map(([price]) => fixed(price, now.decimals).length), 1);
    this.host.style.setProperty('--digits', digits);
    let bids = 0;
    let asks = 0;
    this.rows.forEach((row, i) => {
      bids += now.bids[i]?.[1] ?? 0;
      asks += now.asks[i]?.[1] ?? 0;
      fill(row.bid, now.bids[i], bids);
      fill(row.ask, now.asks[i], asks);
    });
  }
}

export class Panel {
  constructor(key, close) {
    this.key = key;
    this.series = new Series();
    this.charts = [];
    this.root = element('article', 'panel');
    this.root.dataset.key = key;
    const head = element('div', 'panel-head');
    this.symbol = element('strong', 'symbol');
    this.venue = element('span', 'quiet');
    this.verdict = element('span', 'pill verdict');
    this.price = element('span', 'price');
    this.spread = element('span', 'quiet');
    this.regime = element('span', 'badge');
    this.cascade = element('span', 'badge');
    const shut = element('button', 'close', '×');
    shut.type = 'button';
    shut.title = 'Close';
    shut.addEventListener('click', close);
    head.append(this.symbol, this.venue, this.verdict, this.price, this.spread, this.regime, this.cascade, shut);
    this.detail = element('p', 'quiet small detail');
    const body = element('div', 'panel-body');
    const left = element('div');
    const ladder = element('div', 'ladder');
    this.ladder = new Ladder(ladder);
    // What happens rarely stands under the ladder.
    this.sideHost = element('div', 'charts');
    left.append(ladder, this.sideHost);
    this.chartHost = element('div', 'charts');
    body.append(left, this.chartHost);
    this.own = element('p', 'quiet small own');
    this.root.append(head, this.detail, body, this.own);
  }

  load(history) {
    this.series.load(history);
    this.build();
  }

  // Charts of those columns only that this daemon publishes; anew when the theme changes.
  build() {
    this.destroyCharts();
    for (const chart of charts) {
      const lines = chart.lines.filter((line) => this.series.has(line.column));
      if (lines.length === 0) continue;
      const host = element('div', 'chart');
      (chart.side ? this.sideHost : this.chartHost).append(host);
      this.charts.push(new TimeChart(host, this.series, lines, {
        range: chart.range ?? null, height: chart.height ?? 110, clock: chart.last ?? false,
        decimals: chart.price ? (this.decimals ?? 2) : (chart.decimals ?? 3),
      }));
      if (chart.title === 'flow' && this.series.has('regime')) {
        const strip = element('div', 'strip');
        strip.append(element('span', 'quiet small', 'regime'));
        this.chartHost.append(strip);
        this.charts.push(new RegimeStrip(strip, this.series));
      }
    }
  }

  destroyCharts() {
    for (const chart of this.charts) chart.destroy();
    this.charts = [];
    this.chartHost.replaceChildren();
    this.sideHost.replaceChildren();
  }

  show(instrument, now, time, spanSeconds, current) {
    setText(this.symbol, instrument.symbol);
    setText(this.venue, `${instrument.venue} · ${instrument.kind}`);
    const trusted = current && instrument.live;
    this.mark(trusted, current ? instrument.verdict : 'stale');
    if (now) this.showValues(instrument, now, trusted);
    // What is not current leaves a hole in every line.
    this.series.append(time, trusted && now ? now.values : {});
    if (this.charts.length === 0 && this.series.columns.size > 0) this.build();
    for (const chart of this.charts) chart.draw([time - spanSeconds, time]);
  }

  mark(trusted, verdict) {
    this.root.classList.toggle('doubtful', !trusted);
    this.root.dataset.mark = verdict.toUpperCase();
    setText(this.verdict, verdict);
    this.verdict.className = `pill verdict ${trusted ? 'good' : 'bad'}`;
  }

  showValues(instrument, now, trusted) {
    if (this.decimals !== now.decimals) {
      this.decimals = now.decimals;
      if (this.charts.length > 0) this.build();
    }
    const mid = now.values.mid;
    setText(this.price, known(mid) ? fixed(mid, now.decimals + 1) : '–');
    setText(this.spread, `spread ${fixed(instrument.spread, 3)} bps`);
    const regime = known(instrument.regime) ? Math.round(instrument.regime) : null;
    this.regime.hidden = regime === null;
    if (regime !== null) {
      setText(this.regime, regimes[regime] ?? String(regime));
      this.regime.className = `badge ${regime > 0 ? 'up' : regime < 0 ? 'down' : ''} ${Math.abs(regime) > 1 ? 'strong' : ''}`;
    }
    const level = instrument.level ?? 0;
    this.cascade.hidden = !(level >= 1);
    setText(this.cascade, `cascade ${level} ${instrument.dir < 0 ? '▼' : '▲'}`);
    this.cascade.className = `badge ${level >= 2 ? 'down strong' : 'warn'}`;
    const alerts = [];
    if (known(now.alert_age_s)) alerts.push(`alert ${now.alert < 0 ? '▼' : '▲'} ${age(now.alert_age_s)} ago`);
    if (known(now.cascade_alert_age_s)) alerts.push(`cascade ${now.cascade_alert < 0 ? '▼' : '▲'} ${age(now.cascade_alert_age_s)} ago`);
    setText(this.detail, [
      now.channel, now.proof && now.proof !== 'unproven' ? `proof: ${now.proof}` : now.proof,
      `last event ${age(instrument.age_s)} ago`, trusted ? `${short(instrument.rate_hz)} events/s` : '',
      `wire→shm p50 ${duration(now.p50_ns)} p99 ${duration(now.p99_ns)}`, ...alerts,
    ].filter((part) => part).join('  ·  '));
    this.ladder.show(now);
  }

  showOwn(counters) {
    setText(this.own, Object.entries(counters ?? {}).map(([name, value]) => `${name} ${value}`).join('  ·  '));
  }
}
