// Attach, read, know when it is over.
import fs from "node:fs";

import { AttachError, SteelyardError } from "./errors.js";
import { Record, State } from "./record.js";
import { Ring } from "./ring.js";
import { CutOff, Segment, reason, segmentPath } from "./segment.js";

const DEFAULTS = {
  fromStart: false,
  deadAfter: 1000,
  checkEvery: 50,
  reattachWithin: 10_000,
  pollInterval: 1,
  onEvent: (event, feed) =>
    process.emitWarning(`${feed.instance}: ${event} (${feed.lost} records lost so far)`, "steelyard"),
};

const sleep = (ms) => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

export function attach(instance, options = {}) {
  return new Feed(instance, new Segment(segmentPath(instance)), options);
}

export async function waitFor(instance, timeout, options = {}) {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      const segment = new Segment(segmentPath(instance));
      if (segment.isAlive(options.deadAfter ?? DEFAULTS.deadAfter)) {
        return new Feed(instance, segment, options);
      }
      segment.close();
      throw new AttachError("DEAD", `${segment.path}: its publisher is dead`);
    } catch (error) {
      const curable = ["MISSING", "NOT_READY", "DEAD"].includes(error.code);
      if (!curable || performance.now() >= deadline) throw error;
    }
    await sleep(10);
  }
}

export class Feed {
  #options;
  #segment;
  #successor = null; // seen, and not followed yet
  #rings = [];
  #turn = 0;
  #lostBefore = 0;
  #toldLost = 0;
  #seen = null; // under this name, up to the end of a segment that was cut off
  #dead = false;
  #deadSince = null;
  #nextCheck = 0;
  #closed = false;
  #whyNot = null;

  constructor(instance, segment, options) {
    this.instance = instance;
    this.restarts = 0;
    this.#options = { ...DEFAULTS, ...options };
    this.#follow(segment);
  }

  close() {
    this.#segment?.close();
    this.#successor?.close();
    this.#segment = this.#successor = null;
    this.#rings = [];
    this.#closed = true;
  }

  get isAlive() {
    return this.#segment !== null && this.#segment.isAlive(this.#options.deadAfter);
  }
  get lost() {
    return this.#rings.reduce((sum, ring) => sum + ring.lost, this.#lostBefore);
  }
  get lag() {
    return this.#rings.reduce((sum, ring) => sum + ring.lag(), 0);
  }
  get generation() {
    return this.#segment?.generation ?? 0n;
  }
  get version() {
    return this.#attached().version;
  }
  get instruments() {
    return this.#attached().instruments;
  }
  get columns() {
    return this.#attached().columns;
  }
  counters() {
    return this.#attached().counters();
  }

  // By id, symbol, normalised name, or "venue:symbol".
  instrument(which) {
    const known = this.#attached().instruments;
    const found = typeof which === "number" ? known[which] : known.find((one) =>
      [one.symbol, one.name, `${one.venue}:${one.symbol}`, `${one.venue}:${one.name}`]
        .includes(which));
    if (found === undefined) {
      throw new SteelyardError(`there is no instrument "${which}"; there are: ` +
        known.map((one) => `${one.venue}:${one.symbol}`).join(", "));
    }
    return found;
  }

  latest(which) {
    const segment = this.#attached();
    const { id } = this.instrument(which);
    try {
      const row = segment.row(id);
      return row === null ? null : new State(segment, row, 0);
    } catch (error) {
      if (error instanceof CutOff) return null;
      throw error;
    }
  }

  read(most = 4096) {
    if (this.#closed) throw new SteelyardError("the feed is closed");
    let over = false;
    for (;;) {
      const records = this.#take(most);
      this.#tellLost();
      if (records.length > 0) return records;
      // The end, or a successor, had been seen before the rings were drained: this was all.
      if (this.#successor !== null) {
        this.#follow(this.#successor);
        this.#options.onEvent("restarted", this);
        this.#tellLost();
        continue;
      }
      if (over) {
        if (!this.#dead) {
          this.#dead = true;
          this.#deadSince = performance.now();
          this.#options.onEvent("dead", this);
        }
        return [];
      }
      const now = performance.now();
      if (now < this.#nextCheck) return [];
      this.#nextCheck = now + this.#options.checkEvery;
      if (this.#lookForSuccessor()) continue;
      if (this.isAlive) {
        this.#dead = false;
        return [];
      }
      over = true;
    }
  }

  async *batches() {
    for (;;) {
      const records = this.read();
      if (records.length > 0) {
        yield records;
        continue;
      }
      if (this.#dead && performance.now() - this.#deadSince >= this.#options.reattachWithin) {
        const why = this.#whyNot === null ? "" : `: ${this.#whyNot}`;
        throw new AttachError("DEAD", `the publisher of "${this.instance}" is dead, and no other ` +
          `came within ${this.#options.reattachWithin} ms${why}`);
      }
      await sleep(this.#options.pollInterval);
    }
  }

  async *[Symbol.asyncIterator]() {
    for await (const records of this.batches()) yield* records;
  }

  #attached() {
    if (this.#segment === null) {
      throw new SteelyardError(this.#closed ? "the feed is closed"
        : `${this.instance}: nothing is attached`);
    }
    return this.#segment;
  }

  #take(most) {
    try {
      for (let i = 0; i < this.#rings.length; ++i) {
        this.#turn = (this.#turn + 1) % this.#rings.length;
        const taken = this.#rings[this.#turn].take(most);
        if (taken === null) continue;
        const segment = this.#segment;
        const bytes = segment.rings[this.#turn].slotBytes;
        return Array.from({ length: taken.count }, (_, n) =>
          new Record(segment, taken.slots, n * bytes));
      }
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
      this.#letGo();
    }
    return [];
  }

  #letGo() {
    this.#seen = this.#position();
    this.#lostBefore = this.lost;
    this.#segment.close();
    this.#segment = null;
    this.#rings = [];
    this.#options.onEvent("cut off", this);
  }

  // Of all records under this name, how many this feed has gone past.
  #position() {
    return this.#rings.reduce((sum, ring) => sum + ring.position, this.#segment.recordsBefore);
  }

  #tellLost() {
    if (this.lost === this.#toldLost) return;
    this.#toldLost = this.lost;
    this.#options.onEvent("lapped", this);
  }

  // Does the name lead to another segment than ours? One that cannot be read is not followed.
  #lookForSuccessor() {
    const path = segmentPath(this.instance);
    this.#whyNot = null;
    try {
      const { ino } = fs.statSync(path, { bigint: true });
      if (this.#segment !== null && ino === this.#segment.inode) return false;
      this.#successor = new Segment(path);
      return true;
    } catch (error) {
      if (!(error instanceof AttachError) && !error.syscall) throw error;
      this.#whyNot = error instanceof AttachError ? error.message : `${path}: ${reason(error)}`;
      return false;
    }
  }

  // Goes on in `segment`: after a restart with its very first record, so that none is missed.
  #follow(segment) {
    const seen = this.#segment ? this.#position() : this.#seen;
    const restart = seen !== null;
    this.#lostBefore = this.lost + (restart ? Math.max(0, segment.recordsBefore - seen) : 0);
    if (restart) ++this.restarts;
    this.#segment?.close();
    this.#segment = segment;
    this.#successor = null;
    this.#seen = null;
    this.#rings = segment.rings.map((place) =>
      new Ring(segment, place, restart ? 0 : undefined, this.#options.fromStart));
    this.#turn = 0;
    this.#dead = false;
    this.#nextCheck = 0;
  }
}
