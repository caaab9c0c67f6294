// A segment, read with pread and believed only after checks. What is read beyond its end, because
// somebody cut it off, is an error and never a crash.
import fs from "node:fs";

import { AttachError, SteelyardError } from "./errors.js";
import * as layout from "./layout.js";

// Where the segment of an instance lies. STEELYARD_SHM_DIR overrides the directory.
export function segmentPath(instance) {
  return `${process.env.STEELYARD_SHM_DIR || "/dev/shm"}/steelyard.${instance}`;
}

export class CutOff extends SteelyardError {}

export class Segment {
  #file;
  #word = Buffer.alloc(8);

  constructor(path) {
    this.path = path;
    try {
      this.#file = fs.openSync(path, fs.constants.O_RDONLY);
    } catch (error) {
      const code = { ENOENT: "MISSING", EACCES: "NO_PERMISSION" }[error.code] ?? "SYSTEM";
      throw new AttachError(code, `${path}: ${reason(error)}`);
    }
    try {
      const status = fs.fstatSync(this.#file, { bigint: true });
      this.inode = status.ino;
      this.bytes = Number(status.size);
      this.#readHeader();
      this.#readDirectories();
    } catch (error) {
      this.close();
      if (error instanceof CutOff) throw new AttachError("DAMAGED", error.message);
      if (error.syscall) throw new AttachError("SYSTEM", `${path}: ${reason(error)}`);
      throw error;
    }
  }

  close() {
    if (this.#file === undefined) return;
    fs.closeSync(this.#file);
    this.#file = undefined;
  }

  // Fills `buffer` with what lies at `at`.
  read(buffer, at, bytes = buffer.length) {
    for (let done = 0; done < bytes;) {
      const got = fs.readSync(this.#file, buffer, done, bytes - done, at + done);
      if (got === 0) throw new CutOff(`${this.path}: cut off at ${at + done} bytes`);
      done += got;
    }
    return buffer;
  }

  // A word that the publisher may be writing. A read need not be all of one moment: two that agree
  // are. What moves too fast for that is close enough; stamps decide what is believed.
  word(at) {
    let before = this.read(this.#word, at).readBigUInt64LE();
    for (let tries = 0; tries < 16; ++tries) {
      const again = this.read(this.#word, at).readBigUInt64LE();
      if (again === before) break;
      before = again;
    }
    return before;
  }

  isAlive(deadAfterMs) {
    try {
      if (this.read(this.#word, layout.STATE_AT).readUInt32LE() !== layout.RUNNING) return false;
      const beat = BigInt.asIntN(64, this.word(layout.HEARTBEAT_AT));
      return beat > process.hrtime.bigint() - BigInt(Math.round(deadAfterMs * 1e6));
    } catch (error) {
      if (error instanceof CutOff) return false;
      throw error;
    }
  }

  counters() {
    const { count, offset, stride } = this.regions.counters;
    const counters = {};
    const entry = Buffer.alloc(128);
    for (let i = 0; i < count; ++i) {
      this.read(entry, offset + i * stride);
      counters[layout.text(entry, 0, 120)] = Number(entry.readBigUInt64LE(120));
    }
    return counters;
  }

  // A copy of a state row that is whole; null if nothing was ever written, or its writer died in the
  // middle.
  row(index) {
    const { count, offset, stride } = this.regions.states;
    if (index < 0 || index >= count) return null;
    const at = offset + index * stride;
    const row = Buffer.alloc(layout.ROW_VALUES_AT + 8 * this.columns.length);
    for (let tries = 0; tries < 100; ++tries) {
      const stamp = this.word(at);
      if (stamp === 0n) return null;
      if ((stamp & 1n) === 1n) continue;
      this.read(row, at);
      if (row.readBigUInt64LE(0) === stamp && this.word(at) === stamp) return row;
    }
    return null;
  }

  #refuse(why) {
    throw new AttachError("DAMAGED", `${this.path}: ${why}`);
  }

  #readHeader() {
    if (this.bytes < layout.HEADER_BYTES) {
      this.#refuse(`${this.bytes} bytes, too short for a header`);
    }
    const head = this.read(Buffer.alloc(layout.HEADER_BYTES), 0);
    if (head.readBigUInt64LE(0) !== layout.MAGIC) this.#refuse("not a steelyard segment");
    const ready = head.readUInt32LE(8);
    if (ready === 0) throw new AttachError("NOT_READY", `${this.path}: not ready yet`);
    if (ready >>> 16 !== layout.MAJOR) {
      throw new AttachError("OTHER_VERSION", `${this.path}: layout ${ready >>> 16}, ` +
        `this reader knows ${layout.MAJOR}`);
    }
    const headerBytes = head.readUInt32LE(12);
    if (headerBytes < layout.HEADER_BYTES) this.#refuse("its header is too short");
    const fileBytes = head.readBigUInt64LE(24);
    if (fileBytes > BigInt(this.bytes)) {
      this.#refuse(`cut off: ${this.bytes} of ${fileBytes} bytes`);
    }
    this.generation = head.readBigUInt64LE(16);
    this.version = layout.text(head, 208, 32);
    this.recordsBefore = Number(head.readBigUInt64LE(layout.RECORDS_BEFORE_AT));
    this.regions = {};
    layout.REGIONS.forEach((name, i) => {
      const at = layout.REGIONS_AT + 24 * i;
      const count = head.readUInt32LE(at + 4);
      const offset = head.readBigUInt64LE(at + 8);
      const stride = head.readBigUInt64LE(at + 16);
      if (head.readUInt32LE(at) !== i + 1) this.#refuse(`region ${i + 1} is of another kind`);
      if (offset % 64n !== 0n || stride % 64n !== 0n) {
        this.#refuse(`region ${i + 1} is not aligned`);
      }
      if (stride < BigInt(layout.LEAST_STRIDE[i])) {
        this.#refuse(`region ${i + 1} has elements that are too small`);
      }
      if (offset < BigInt(headerBytes) || offset + BigInt(count) * stride > BigInt(this.bytes)) {
        this.#refuse(`region ${i + 1} lies outside`);
      }
      this.regions[name] = { count, offset: Number(offset), stride: Number(stride) };
    });
  }

  #readDirectories() {
    const elements = (name, bytes, parse) => {
      const { count, offset, stride } = this.regions[name];
      return Array.from({ length: count }, (_, i) =>
        parse(this.read(Buffer.alloc(bytes), offset + i * stride), i));
    };
    this.instruments = elements("instruments", 192, (entry, i) => layout.parseInstrument(i, entry));
    this.columns = elements("columns", 256, layout.parseColumn);
    const { states } = this.regions;
    if (states.count !== this.instruments.length) {
      this.#refuse("as many state rows as instruments are needed");
    }
    if (states.stride < layout.ROW_VALUES_AT + 8 * this.columns.length) {
      this.#refuse("its state rows cannot hold its columns");
    }
    this.values = 0;
    const { offset, stride } = this.regions.rings;
    this.rings = elements("rings", 12, (head, i) => {
      const [slotWords, slotCount, values] = [0, 4, 8].map((at) => head.readUInt32LE(at));
      if (slotCount === 0 || (slotCount & (slotCount - 1)) !== 0) {
        this.#refuse(`ring ${i} has a slot count that is no power of two`);
      }
      if (values > this.columns.length || 8 * slotWords < layout.SLOT_VALUES_AT + 8 * values) {
        this.#refuse(`ring ${i} has slots that cannot hold its values`);
      }
      if (i > 0 && values !== this.values) this.#refuse(`ring ${i} has other values than ring 0`);
      if (8 * slotWords * slotCount > stride - layout.RING_SLOTS_AT) {
        this.#refuse(`ring ${i} lies outside`);
      }
      this.values = values;
      const at = offset + i * stride;
      return {
        publishedAt: at + layout.RING_PUBLISHED_AT,
        slotsAt: at + layout.RING_SLOTS_AT,
        slotBytes: 8 * slotWords,
        slotCount,
      };
    });
    if (this.columns.some((column) => column.headline >= this.values)) {
      this.#refuse("a column has no place in the slot");
    }
    // By name, so that a record finds a column at once.
    this.headlines = new Map(this.columns.filter((column) => column.headline >= 0)
      .map((column) => [column.name, column.headline]));
    this.places = new Map(this.columns.map((column, i) => [column.name, i]));
  }
}

export function reason(error) {
  const words = { ENOENT: "No such file or directory", EACCES: "Permission denied" };
  return words[error.code] ?? error.message;
}
