// One reader's place in one ring. Records are copied many at a time and then checked: the publisher
// overwrites in order, so the stamp of the oldest says whether any of them was.
import * as layout from "./layout.js";

const CHUNK = 4096;

export class Ring {
  #segment;
  #place;
  #stamp = Buffer.alloc(8);

  // `position`: the first record; undefined: what comes from now on, or what the ring holds.
  constructor(segment, place, position, fromStart) {
    this.#segment = segment;
    this.#place = place;
    this.lost = 0;
    if (position === undefined) {
      const newest = this.#published();
      position = fromStart ? newest - Math.min(newest, place.slotCount - 1) : newest;
    }
    this.position = position;
  }

  // { slots, count }: copies of the next records, `count` of them, whole; null: there is none.
  take(most) {
    for (;;) {
      const published = this.#published();
      const behind = published - this.position;
      if (behind >= this.#place.slotCount) {
        this.#skip(published);
        continue;
      }
      // One at least: a publisher that was killed may have completed a record and not counted it.
      const start = this.position % this.#place.slotCount;
      const wanted = Math.min(Math.max(behind, 1), most, CHUNK, this.#place.slotCount - start);
      const { slotBytes } = this.#place;
      const at = this.#place.slotsAt + start * slotBytes;
      const slots = this.#segment.read(Buffer.allocUnsafe(wanted * slotBytes), at);
      let count = 0;
      while (count < wanted && this.#isComplete(slots, count)) ++count;
      if (count === 0 && slots.readBigUInt64LE(0) < this.#complete(0)) return null;
      // Whole, if the oldest is still there after the copy.
      if (count > 0 && this.#segment.read(this.#stamp, at).readBigUInt64LE() === this.#complete(0)) {
        this.position += count;
        return { slots, count };
      }
      this.#skip(this.#published());
    }
  }

  lag() {
    return Math.max(0, this.#published() - this.position);
  }

  #published() {
    return Number(this.#segment.word(this.#place.publishedAt));
  }
  #complete(offset) {
    return 2n * BigInt(this.position + offset) + 2n;
  }
  #isComplete(slots, i) {
    return slots.readBigUInt64LE(i * this.#place.slotBytes) === this.#complete(i);
  }
  // Half a ring behind the newest: not lapped again at once. Never back.
  #skip(newest) {
    const resume = Math.max(newest - this.#place.slotCount / 2, this.position + 1);
    this.lost += resume - this.position;
    this.position = resume;
  }
}
