// The reader against a live segment. $STEELYARD_TEST_PUBLISHER is the publisher that obeys.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { afterEach, beforeEach, test } from "node:test";

import { AttachError, SteelyardError, Validity, attach, waitFor } from "../lib/index.js";

class Publisher {
  constructor(folder) {
    this.path = path.join(folder, "steelyard.test");
    this.process = spawn(process.env.STEELYARD_TEST_PUBLISHER, ["test"],
      { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => {
      this.process.on("close", resolve);
    });
  }
  ask(command) {
    this.process.stdin.write(`${command}\n`);
  }
  async answer() {
    const { value, done } = await this.lines.next();
    assert.ok(!done, "the publisher ended");
    return value;
  }
  async tell(command) {
    this.ask(command);
    return this.answer();
  }
  async die(how = "die") {
    this.ask(how);
    await this.ended;
  }
  async end() {
    this.process.kill("SIGKILL");
    await this.ended;
  }
  patch(at, bytes) {
    const file = fs.openSync(this.path, "r+");
    fs.writeSync(file, Buffer.from(bytes), 0, bytes.length, at);
    fs.closeSync(file);
  }
}

let folder;
let publisher;
let publishers;
let events;
let feeds;

function newPublisher() {
  publishers.push(new Publisher(folder));
  return publishers.at(-1);
}

// Looks round at every read: what it notices does not depend on time.
function attached(options = {}) {
  const feed = attach("test", {
    deadAfter: 3_600_000, checkEvery: 0, onEvent: (event) => events.push(event), ...options,
  });
  feeds.push(feed);
  return feed;
}

function drain(feed) {
  const numbers = [];
  for (let records = feed.read(); records.length > 0; records = feed.read()) {
    numbers.push(...records.map((record) => Number(record.bookSequence)));
  }
  return numbers;
}

function isReadable(file) {
  try {
    fs.closeSync(fs.openSync(file));
    return true;
  } catch {
    return false;
  }
}

const upTo = (count, from = 0) => Array.from({ length: count }, (_, i) => from + i);

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "steelyard-node-"));
  process.env.STEELYARD_SHM_DIR = folder;
  [publishers, events, feeds] = [[], [], []];
  publisher = newPublisher();
});

afterEach(async () => {
  for (const feed of feeds) feed.close();
  for (const one of publishers) await one.end();
  fs.rmSync(folder, { recursive: true });
});

test("every refusal is told apart and in words", async () => {
  assert.throws(() => attach("test"), { code: "MISSING", message: /steelyard\.test: No such file/ });
  const damage = [
    ["OTHER_VERSION", /layout 2, this reader knows 1/, (p) => p.patch(8, [0, 0, 2, 0])],
    ["NOT_READY", /not ready/, (p) => p.patch(8, [0, 0, 0, 0])],
    ["DAMAGED", /not a steelyard segment/, (p) => p.patch(0, Buffer.from("whatever"))],
    ["DAMAGED", /outside/, (p) => p.patch(64 + 5 * 24 + 8, [0, 0, 0, 0, 0, 1, 0, 0])],
    ["DAMAGED", /cut off/, (p) => fs.truncateSync(p.path, fs.statSync(p.path).size - 4096)],
    ["DAMAGED", /too short/, (p) => fs.truncateSync(p.path, 0)],
    ["NO_PERMISSION", /Permission denied/, (p) => fs.chmodSync(p.path, 0)],
  ];
  for (const [code, message, doDamage] of damage) {
    const one = newPublisher();
    await one.tell("start");
    doDamage(one);
    // File modes do not apply to root: run.py gives that up.
    if (code === "NO_PERMISSION" && isReadable(one.path)) continue;
    assert.throws(() => attach("test"), (error) => {
      assert.ok(error instanceof AttachError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
    // An end to all waiting, and none at all for what it does not cure.
    const hopeless = code === "NO_PERMISSION" || code === "OTHER_VERSION";
    await assert.rejects(waitFor("test", hopeless ? 3_600_000 : 0), { code });
    await one.end();
    for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
  }
});

test("a segment that is being rewritten is whole or not there", async () => {
  await publisher.tell("start");
  let whole = 0;
  for (let round = 0; round < 100; ++round) {
    publisher.ask("start");
    for (let i = 0; i < 10; ++i) {
      try {
        const feed = attach("test");
        whole += feed.instruments.length === 2 ? 1 : 0;
        feed.close();
      } catch (error) {
        assert.equal(error.code, "MISSING", error.message);
      }
    }
    await publisher.answer();
  }
  assert.ok(whole > 0);
});

test("a publisher that dies in the middle of a record leaves no half of it", async () => {
  await publisher.tell("start");
  const feed = attached({ deadAfter: 50 });
  await publisher.tell("publish 3");
  await publisher.die("die_halfway");
  assert.deepEqual(drain(feed), upTo(3));
  assert.equal(feed.latest(0), null);
  assert.notEqual(feed.latest(1), null, "the other row is whole");
  while (feed.isAlive);
  assert.deepEqual(drain(feed), []);
  assert.equal(attached({ deadAfter: 50 }).isAlive, false);
});

test("records come whole with values and names", async () => {
  await publisher.tell("start");
  const feed = attached();
  await publisher.tell("publish 2");
  await publisher.tell("record 0 2 1 1 1 1 -2 1");
  const [, second, third] = feed.read();
  assert.deepEqual([second.venue, second.symbol, second.instrument.name, second.event],
    ["binance-spot", "BBBUSDT", "BBB-USDT", "delta"]);
  assert.deepEqual([second.bid, second.ask, second.bidQty, second.received, second.isLive],
    [0.04, 0.05, 0.006, 3n, true]);
  assert.deepEqual(second.columns(), {
    mid: 1, qi: 1.5, pbi_10bp: 1.25, ofi_1000ms: 1.125, regime: 1.75, casc_alert: 1.875,
  });
  assert.deepEqual([third.isLive, third.validity, third.get("regime")], [false, Validity.GAP, -2]);
  assert.throws(() => third.get("extra"), /not among the headline columns/);
  assert.throws(() => third.get("nope"), /no column "nope"; there are: mid, qi/);
  assert.deepEqual(feed.read(), []);
  assert.deepEqual(feed.counters(), { frames: 42, resets: 0 });
  assert.equal(feed.columns.find((column) => column.name === "regime").low, -2);
});

test("the latest state has every column and the levels", async () => {
  await publisher.tell("start");
  const feed = attached();
  assert.equal(feed.latest(0), null);
  await publisher.tell("publish 4");
  const state = feed.latest("binance-spot:BBB-USDT");
  assert.equal(state.get("extra"), 3.0625);
  assert.deepEqual(state.bids, [{ price: 0.06, qty: 0.008 }, { price: 0.05, qty: 0.001 }]);
  assert.deepEqual(state.asks, [{ price: 0.07, qty: 0.009 }]);
  assert.deepEqual(feed.instruments.map((one) => one.proof), [["ids", "checksum"], ["unproven"]]);
  assert.throws(() => feed.latest("CCCUSDT"), /no instrument "CCCUSDT"; there are: binance-spot:AAA/);
  // Its writer died in the middle: no waiting for it.
  const states = Number(fs.readFileSync(publisher.path).readBigUInt64LE(64 + 2 * 24 + 8));
  publisher.patch(states, [7]);
  assert.equal(feed.latest("AAAUSDT"), null);
});

test("loss is counted exactly and told", async () => {
  await publisher.tell("start 2");
  const feed = attached();
  await publisher.tell("publish 300 0");
  await publisher.tell("publish 10 1");
  assert.equal(feed.lag, 310);
  const numbers = drain(feed);
  assert.equal(numbers.length + feed.lost, 310);
  assert.equal(feed.lost, 300 - 32);
  assert.deepEqual(events, ["lapped"]);
});

test("begins with what comes from now on unless asked for the rest", async () => {
  await publisher.tell("start");
  await publisher.tell("publish 100");
  const [now, rest] = [attached(), attached({ fromStart: true })];
  assert.deepEqual(drain(rest), upTo(63, 37));
  await publisher.tell("publish 1");
  assert.deepEqual([drain(now), drain(rest), rest.lost], [[100], [100], 0]);
});

test("records of a publisher in full flight are whole or counted as lost", async () => {
  await publisher.tell("start 1 1024");
  const feed = attached();
  publisher.ask("run 500000 0.3");
  let delivered = 0;
  while (delivered + feed.lost < 150_000) {
    for (const record of feed.read()) {
      const number = Number(record.bookSequence);
      assert.equal(record.get("mid"), number);
      assert.equal(record.get("casc_alert"), number + 0.875);
      assert.equal(record.askQty, (number + 6) / 1000);
      ++delivered;
    }
  }
  assert.equal(await publisher.answer(), "published 150000");
});

test("a restart is followed, and what came unseen is counted", async () => {
  await publisher.tell("start");
  const feed = attached();
  await publisher.tell("publish 5");
  await publisher.tell("start 2");
  await publisher.tell("publish 3");
  assert.deepEqual(drain(feed), [...upTo(5), ...upTo(3)]);
  for (const unseen of [3, 200]) {
    await publisher.tell("start");
    await publisher.tell(`publish ${unseen}`);
  }
  await publisher.tell("start");
  drain(feed);
  assert.deepEqual([feed.restarts, feed.lost], [2, 203]);
  assert.deepEqual(events, ["restarted", "restarted", "lapped"]);
});

test("death is told after the last record and is not the end", async () => {
  await publisher.tell("start");
  const feed = attached({ deadAfter: 50, reattachWithin: 0 });
  await publisher.tell("publish 3");
  await publisher.die();
  const numbers = [];
  await assert.rejects(async () => {
    for await (const record of feed) numbers.push(Number(record.bookSequence));
  }, { code: "DEAD", message: /"test" is dead/ });
  assert.deepEqual([numbers, events, feed.isAlive], [upTo(3), ["dead"], false]);
  await assert.rejects(waitFor("test", 0, { deadAfter: 50 }), { code: "DEAD" });

  const successor = newPublisher();
  await successor.tell("start");
  await successor.tell("publish 4");
  assert.deepEqual([drain(feed), feed.restarts, feed.lost], [upTo(4), 1, 0]);
});

test("iteration waits for a successor as long as it may", async () => {
  await publisher.tell("start");
  const feed = attached({ reattachWithin: 3_600_000 });
  await publisher.tell("stop");
  assert.deepEqual([feed.read(), events], [[], ["dead"]]);
  const next = feed[Symbol.asyncIterator]().next();
  await publisher.tell("start");
  await publisher.tell("publish 1");
  assert.equal((await next).value.get("mid"), 0);
  assert.deepEqual(events, ["dead", "restarted"]);
});

test("why a successor is not followed is said", async () => {
  await publisher.tell("start");
  const feed = attached({ reattachWithin: 0 });
  await publisher.tell("stop");
  await publisher.tell("start");
  publisher.patch(8, [0, 0, 2, 0]);
  await assert.rejects(feed.batches().next(), /layout 2, this reader knows 1/);
});

test("a segment that is cut off under the feed is let go", async () => {
  await publisher.tell("start");
  const feed = attached({ reattachWithin: 0 });
  await publisher.tell("publish 5");
  fs.truncateSync(publisher.path, 0);
  assert.deepEqual([feed.read(), events], [[], ["cut off", "dead"]]);
  assert.throws(() => feed.latest(0), SteelyardError);
  await publisher.end();
  const successor = newPublisher();
  await successor.tell("start");
  await successor.tell("publish 2");
  assert.deepEqual([drain(feed), feed.restarts], [upTo(2), 1]);
});

test("a file that is no segment leads nobody astray", async () => {
  await publisher.tell("start");
  const feed = attached();
  fs.writeFileSync(path.join(folder, "junk"), "junk");
  fs.renameSync(path.join(folder, "junk"), publisher.path);
  await publisher.tell("publish 2");
  assert.deepEqual(drain(feed), [0, 1]);
  feed.close();
  assert.throws(() => feed.read(), /closed/);
});
