// A record of the ring, and the latest state of an instrument: views of a copy that is theirs alone.
import { SteelyardError } from "./errors.js";
import * as layout from "./layout.js";

const POWERS = Array.from({ length: 40 }, (_, n) => Number(`1e${n}`));

function toNumber(mantissa, exponent) {
  const power = POWERS[Math.min(Math.abs(exponent), 39)];
  return exponent < 0 ? Number(mantissa) / power : Number(mantissa) * power;
}

// What a slot and a state row have in common.
class Tick {
  constructor(segment, buffer, at) {
    this._segment = segment;
    this._buffer = buffer;
    this._at = at + layout.TICK_AT;
  }
  _i64(offset) {
    return this._buffer.readBigInt64LE(this._at + offset);
  }
  get bookSequence() {
    return this._buffer.readBigUInt64LE(this._at);
  }
  get venueTime() {
    return this._i64(8);
  }
  get received() {
    return this._i64(16);
  }
  get published() {
    return this._i64(24);
  }
  get bid() {
    return this._i64(48) === 0n ? NaN : this.price(this._i64(32));
  }
  get ask() {
    return this._i64(56) === 0n ? NaN : this.price(this._i64(40));
  }
  get bidQty() {
    return this.qty(this._i64(48));
  }
  get askQty() {
    return this.qty(this._i64(56));
  }
  get instrument() {
    return this._segment.instruments[this._buffer.readUInt32LE(this._at + 64)];
  }
  get venue() {
    return this.instrument.venue;
  }
  get symbol() {
    return this.instrument.symbol;
  }
  get validity() {
    return this._buffer.readUInt32LE(this._at + 68);
  }
  get isLive() {
    return (this.validity & ~layout.Validity.SHALLOW) === 0;
  }
  get event() {
    return layout.EventKind[this._buffer[this._at + 72]] ?? "unknown";
  }
  get status() {
    return this._buffer[this._at + 73];
  }
  price(mantissa) {
    return toNumber(mantissa, this._buffer.readInt8(this._at + 74));
  }
  qty(mantissa) {
    return toNumber(mantissa, this._buffer.readInt8(this._at + 75));
  }
  _missing(name) {
    if (this._segment.places.has(name)) {
      return new SteelyardError(`"${name}" is not among the headline columns of the ring: use ` +
        "latest(), or name it in segment.headline of the daemon");
    }
    return new SteelyardError(`there is no column "${name}"; there are: ` +
      [...this._segment.places.keys()].join(", "));
  }
}

export class Record extends Tick {
  get(name) {
    const place = this._segment.headlines.get(name);
    if (place === undefined) throw this._missing(name);
    return this._buffer.readDoubleLE(this._at - layout.TICK_AT + layout.SLOT_VALUES_AT + 8 * place);
  }
  columns() {
    return Object.fromEntries([...this._segment.headlines.keys()].map((name) =>
      [name, this.get(name)]));
  }
}

export class State extends Tick {
  get(name) {
    const place = this._segment.places.get(name);
    if (place === undefined) throw this._missing(name);
    return this._buffer.readDoubleLE(layout.ROW_VALUES_AT + 8 * place);
  }
  columns() {
    return Object.fromEntries([...this._segment.places.keys()].map((name) =>
      [name, this.get(name)]));
  }
  get bids() {
    return this.#levels(layout.ROW_LEVELS_AT, this._buffer.readUInt32LE(layout.ROW_COUNTS_AT));
  }
  get asks() {
    return this.#levels(layout.ROW_LEVELS_AT + 16 * layout.VIEW_LEVELS,
      this._buffer.readUInt32LE(layout.ROW_COUNTS_AT + 4));
  }
  #levels(at, count) {
    return Array.from({ length: Math.min(count, layout.VIEW_LEVELS) }, (_, i) => ({
      price: this.price(this._buffer.readBigInt64LE(at + 16 * i)),
      qty: this.qty(this._buffer.readBigInt64LE(at + 16 * i + 8)),
    }));
  }
}
