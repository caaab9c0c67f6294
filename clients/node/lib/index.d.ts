/** Why a segment is not read. Only the first three are cured by waiting. */
export type Refusal =
  | "MISSING" | "NOT_READY" | "DEAD" | "NO_PERMISSION" | "OTHER_VERSION" | "DAMAGED" | "SYSTEM";

export class SteelyardError extends Error {}

export class AttachError extends SteelyardError {
  readonly code: Refusal;
}

/** What happened beside records. */
export type FeedEvent =
  | "lapped" /** too slow: `lost` has grown by exactly what is missing */
  | "restarted" /** a new publisher; instruments and columns may be others */
  | "dead" /** the publisher died or stopped, said after its last record */
  | "cut off" /** somebody truncated the segment */;

export interface Options {
  /** Begin with what the ring still holds, else with what comes from now on. Default false. */
  fromStart?: boolean;
  /** Milliseconds; a heartbeat older than that means that the publisher is dead. Default 1000. */
  deadAfter?: number;
  /** Milliseconds within which a restart or death is noticed. Default 50. */
  checkEvery?: number;
  /** Milliseconds for which iteration waits for a successor of a dead publisher. Default 10000. */
  reattachWithin?: number;
  /** Milliseconds that iteration sleeps when there is nothing. Default 1. */
  pollInterval?: number;
  /** Told of loss, restart and death as they are noticed. Default: process.emitWarning. */
  onEvent?: (event: FeedEvent, feed: Feed) => void;
}

export interface Instrument {
  readonly id: number;
  readonly venue: string;
  /** The venue's own. */
  readonly symbol: string;
  /** Normalised: BTC-USDT, BTC-USDT-PERP. */
  readonly name: string;
  readonly channel: string;
  /** Inverse contracts: quote units a contract; else 0. */
  readonly contractSize: number;
  readonly shard: number;
  readonly kind: string;
  readonly priceExponent: number;
  readonly qtyExponent: number;
  /** What would tell that a change of the book was lost; empty where the daemon is too old to say.
   *  "whole": each message is the whole book, so that a lost one is healed by the next. */
  readonly proof: readonly ('ids' | 'checksum' | 'count' | 'whole' | 'unproven')[];
}

export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly low: number;
  readonly high: number;
  /** Its place among the values of a record; -1: only in states. */
  readonly headline: number;
}

export const EventKind: readonly string[];
/** Bits of `validity`. */
export const Validity: Readonly<{
  SYNCING: 1; GAP: 2; STALE: 4; CROSSED: 8; SHALLOW: 16; LINK_DOWN: 32; BAD_CHECKSUM: 64;
  OVERRUN: 128; BAD_FRAME: 256; DIVERGED: 512;
}>;

interface Tick {
  readonly bookSequence: bigint;
  /** ns UTC as stamped by the venue; 0: it stamps nothing. */
  readonly venueTime: bigint;
  /** ns UTC; the kernel's receive time where there is one. */
  readonly received: bigint;
  /** ns UTC; 0 where nobody looked at the clock. */
  readonly published: bigint;
  /** NaN if there is none. */
  readonly bid: number;
  readonly ask: number;
  readonly bidQty: number;
  readonly askQty: number;
  readonly instrument: Instrument;
  readonly venue: string;
  readonly symbol: string;
  readonly validity: number;
  /** The book is in step with its venue. It may still be shallow. */
  readonly isLive: boolean;
  readonly event: string;
  /** 0 no book, 1 ok, 2 bid only, 3 ask only, 4 empty, 5 locked, 6 crossed. */
  readonly status: number;
  /** A column by name; NaN where undefined. Throws for one that there is not. */
  get(column: string): number;
  columns(): { [column: string]: number };
}

/** A record of the ring, with the headline columns. */
export interface Record extends Tick {}

export interface Level {
  readonly price: number;
  readonly qty: number;
}

/** The latest of an instrument, with every column. */
export interface State extends Tick {
  /** Best first, at most 20. */
  readonly bids: Level[];
  readonly asks: Level[];
}

/** Attaches to what is there now. Throws an AttachError. */
export function attach(instance: string, options?: Options): Feed;
/** Waits for the daemon to be there and alive; rejects at once what waiting does not cure. */
export function waitFor(instance: string, timeout: number, options?: Options): Promise<Feed>;

export class Feed implements AsyncIterable<Record> {
  readonly instance: string;
  readonly isAlive: boolean;
  /** Records that were published since it attached and are not delivered, exactly; over restarts
   *  too. */
  readonly lost: number;
  /** Published and not read yet. */
  readonly lag: number;
  readonly restarts: number;
  /** New with every publisher; 0n: not attached. */
  readonly generation: bigint;
  readonly version: string;
  readonly instruments: readonly Instrument[];
  readonly columns: readonly Column[];
  counters(): { [label: string]: number };
  /** By id, symbol, normalised name, or "venue:symbol". Throws if there is none. */
  instrument(which: number | string): Instrument;
  /** The latest of an instrument. Null: nothing was published of it yet. */
  latest(which: number | string): State | null;
  /** What is there, of one ring at a time. Never waits. */
  read(most?: number): Record[];
  /** Waits for records. Throws an AttachError DEAD as `reattachWithin` says. */
  batches(): AsyncGenerator<Record[]>;
  [Symbol.asyncIterator](): AsyncGenerator<Record>;
  close(): void;
}
