// The health of every stream: troubles, connections, latencies, what the io threads count.
import {LatencyChart} from './charts.js';
import {duration, element, fixed, known, short} from './format.js';

const body = (id) => document.querySelector(`#${id} .body`);

function table(head, rows) {
  const made = element('table');
  const top = element('tr');
  for (const text of head) top.append(element('th', '', text));
  made.append(top);
  for (const row of rows) {
    const line = element('tr', row.className ?? '');
    for (const cell of row.cells) {
      const td = element('td');
      if (cell instanceof Node) td.append(cell);
      else td.textContent = cell;
      line.append(td);
    }
    made.append(line);
  }
  return made;
}

function share(value) {
  const track = element('span', 'share');
  const bar = element('span');
  bar.style.width = `${100 * (value ?? 0)}%`;
  track.append(bar);
  return track;
}

export class Health {
  constructor() {
    this.chart = null;
  }

  show(message, current) {
    this.last = message;
    this.showTroubles(message.troubles);
    this.showLinks(message.links, current);
    this.showLatency(message.stages);
    this.showCounters(message.counters);
  }

  showTroubles(troubles) {
    const list = element('ul');
    for (const trouble of troubles) {
      const item = element('li', trouble.level === 0 ? 'warn' : 'bad');
      item.append(element('strong', '', trouble.subject), `: ${trouble.what}`, element('em', 'quiet', ` ${trouble.fix}`));
      list.append(item);
    }
    body('troubles').replaceChildren(troubles.length > 0 ? list : element('p', 'good', 'Nothing is wrong.'));
  }

  showLinks(links, current) {
    if (links.length === 0) {
      body('links').replaceChildren(element('p', 'quiet', 'No message came yet.'));
      return;
    }
    body('links').replaceChildren(table(
      ['connection', 'msg/s', 'first', '', 'mean late'],
      links.map((link) => ({
        className: current && link.rate_hz > 0.01 ? '' : 'quiet',
        cells: [
          link.name, current && link.rate_hz > 0.01 ? short(link.rate_hz) : 'silent', share(link.share),
          `${fixed(known(link.share) ? 100 * link.share : null, 1)}%`,
          known(link.late_us) ? duration(Math.round(link.late_us * 1000)) : '–',
        ],
      }))));
  }

  showLatency(stages) {
    const shown = stages.filter((stage) => stage.buckets.length > 0);
    const host = body('latency');
    const labels = shown.map((stage) => stage.label);
    if (!this.chart || labels.join() !== this.chart.labels.join()) {
      this.chart?.destroy();
      host.replaceChildren();
      const plot = element('div');
      this.tableHost = element('div');
      host.append(plot, this.tableHost);
      this.chart = shown.length > 0 ? new LatencyChart(plot, labels) : null;
    }
    this.chart?.draw(shown);
    this.tableHost?.replaceChildren(table(
      ['stage', 'p50', 'p99', 'p99.9', 'max'],
      shown.map((stage) => ({cells: [
        stage.label + (stage.recent ? '' : ' (since start)'), duration(stage.p50), duration(stage.p99),
        duration(stage.p999), duration(stage.max),
      ]}))));
  }

  showCounters(counters) {
    const shown = counters.filter((counter) => counter.value > 0);
    body('counters').replaceChildren(table(
      ['counter', 'now', 'per second'],
      shown.map((counter) => ({cells: [
        counter.name, short(counter.value),
        counter.name.endsWith('_open') ? '' : counter.rate_hz < 0.005 ? '0' : short(counter.rate_hz),
      ]}))));
  }

  repaint() {
    this.chart?.destroy();
    this.chart = null;
    if (this.last) this.showLatency(this.last.stages);
  }
}

// Of all shards, the worst: what the head of the page says.
export function worst(stages, ending) {
  const of = stages.filter((stage) => stage.label.endsWith(ending));
  return {
    p50: Math.max(0, ...of.map((stage) => stage.p50)),
    p99: Math.max(0, ...of.map((stage) => stage.p99)),
  };
}

