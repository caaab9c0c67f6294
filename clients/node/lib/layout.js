// The segment byte by byte, as docs/shared-memory.md describes it.
export const MAGIC = 0x3144_5259_4c45_5453n; // "STELYRD1"
export const MAJOR = 1;
export const HEADER_BYTES = 448;
export const HEARTBEAT_AT = 48;
export const STATE_AT = 56;
export const REGIONS_AT = 64;
export const RECORDS_BEFORE_AT = 256;
export const RUNNING = 1;
export const REGIONS = ["instruments", "columns", "states", "counters", "histograms", "rings"];
export const LEAST_STRIDE = [192, 256, 92 * 8, 128, 5184, 128];
export const TICK_AT = 8; // in a slot and in a row, behind the stamp
export const SLOT_VALUES_AT = 11 * 8;
export const ROW_COUNTS_AT = 11 * 8;
export const ROW_LEVELS_AT = 12 * 8;
export const ROW_VALUES_AT = 92 * 8;
export const VIEW_LEVELS = 20;
export const RING_PUBLISHED_AT = 64;
export const RING_SLOTS_AT = 128;

export const EventKind = Object.freeze(
  ["snapshot", "delta", "trade", "liquidation", "reset", "timer"]);

export const Validity = Object.freeze({
  SYNCING: 1, GAP: 2, STALE: 4, CROSSED: 8, SHALLOW: 16, LINK_DOWN: 32, BAD_CHECKSUM: 64,
  OVERRUN: 128, BAD_FRAME: 256, DIVERGED: 512,
});

const PROOFS = [[1, "ids"], [2, "checksum"], [4, "count"], [8, "whole"], [128, "unproven"]];
const KINDS = ["spot", "linear", "inverse", "quanto", "option"];

// A text field, whether or not it ends in a zero.
export function text(buffer, at, bytes) {
  const field = buffer.subarray(at, at + bytes);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? bytes : end);
}

export function parseInstrument(id, entry) {
  return Object.freeze({
    id,
    venue: text(entry, 0, 24),
    symbol: text(entry, 24, 64),
    name: text(entry, 88, 64),
    channel: text(entry, 152, 24),
    contractSize: entry.readDoubleLE(176),
    shard: entry.readUInt32LE(184),
    kind: KINDS[entry[188]] ?? String(entry[188]),
    priceExponent: entry.readInt8(189),
    qtyExponent: entry.readInt8(190),
    proof: PROOFS.filter(([bit]) => (entry[191] & bit) !== 0).map(([, name]) => name),
  });
}

export function parseColumn(entry) {
  return Object.freeze({
    name: text(entry, 0, 40),
    unit: text(entry, 40, 16),
    description: text(entry, 56, 176),
    low: entry.readDoubleLE(232),
    high: entry.readDoubleLE(240),
    headline: entry.readInt32LE(248),
  });
}
