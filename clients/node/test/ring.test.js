// The ring's protocol in single steps, over memory that stands for a segment.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Ring } from "../lib/ring.js";

const SLOTS = 8;
const PLACE = { publishedAt: 0, slotsAt: 64, slotBytes: 128, slotCount: SLOTS };

class Memory {
  constructor() {
    this.bytes = Buffer.alloc(64 + SLOTS * 128);
    this.afterCopy = () => {}; // runs once, after the next copy of slots
  }
  put(n, stamp = 2 * n + 2) {
    const at = 64 + (n % SLOTS) * 128;
    this.bytes.writeBigUInt64LE(BigInt(stamp), at);
    this.bytes.writeBigUInt64LE(BigInt(n), at + 8);
  }
  publish(n) {
    this.put(n);
    this.bytes.writeBigUInt64LE(BigInt(n + 1), 0);
  }
  read(buffer, at) {
    this.bytes.copy(buffer, 0, at, at + buffer.length);
    if (buffer.length >= 128) {
      const { afterCopy } = this;
      this.afterCopy = () => {};
      afterCopy();
    }
    return buffer;
  }
  word(at) {
    return this.bytes.readBigUInt64LE(at);
  }
}

function filled(count) {
  const memory = new Memory();
  for (let n = 0; n < count; ++n) memory.publish(n);
  return memory;
}

function numbers({ slots, count }) {
  return Array.from({ length: count }, (_, i) => Number(slots.readBigUInt64LE(128 * i + 8)));
}

test("what is overwritten while it is copied is not delivered", () => {
  const memory = filled(6);
  const ring = new Ring(memory, PLACE, 0, false);
  memory.afterCopy = () => {
    memory.publish(6);
    memory.publish(7);
    memory.put(8, 17); // being written, in the slot of record 0
  };
  const taken = numbers(ring.take(100));
  assert.deepEqual([taken, ring.lost], [[4, 5, 6, 7], 4]);
});

test("a record that is being written ends the batch before it", () => {
  const memory = filled(3);
  memory.put(3, 7);
  const ring = new Ring(memory, PLACE, 0, false);
  assert.deepEqual(numbers(ring.take(100)), [0, 1, 2]);
  assert.equal(ring.take(100), null);
});

test("a record that was completed and not counted is delivered", () => {
  const memory = filled(3);
  memory.put(3);
  const ring = new Ring(memory, PLACE, 3, false);
  assert.deepEqual(numbers(ring.take(100)), [3]);
});

test("a batch ends at the end of the ring and goes on at its beginning", () => {
  const memory = filled(10);
  const ring = new Ring(memory, PLACE, 5, false);
  assert.deepEqual([numbers(ring.take(100)), numbers(ring.take(1)), numbers(ring.take(9))],
    [[5, 6, 7], [8], [9]]);
});
