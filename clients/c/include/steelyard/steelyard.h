/* steelyard/steelyard.h -- reads the signals of a steelyard daemon from shared memory, from C and
 * from whatever calls C. Link with libsteelyard (pkg-config: steelyard-c).
 *
 *   sy_reader* feed = sy_reader_new(NULL);
 *   if (sy_wait_for(feed, "demo", 10000) != SY_ATTACHED) { puts(sy_error(feed)); return 1; }
 *   sy_tick tick;
 *   double values[64];
 *   while (sy_next(feed, &tick, values, 64, 1000) != SY_DEAD) ...
 *
 * A reader belongs to one thread; any number of them may read the same instance, and none of them
 * can disturb the daemon or one another. No function keeps a pointer that it was given, none throws
 * or aborts. Texts that are returned belong to the reader.
 *
 * The ABI is frozen: within a major version nothing here changes its meaning, its size or its
 * place; what is new is a new function, a new constant, or a field behind those that `size` covers.
 */
#ifndef STEELYARD_STEELYARD_H
#define STEELYARD_STEELYARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SY_ABI_MAJOR 1
#define SY_ABI_MINOR 0
#define SY_VIEW_LEVELS 20 /* of a book in sy_state, a side */

/* What sy_attach and sy_wait_for return. Only the first three refusals are cured by waiting. */
typedef int32_t sy_attached;
enum {
  SY_ATTACHED = 0,
  SY_MISSING = 1,       /* nothing has that name */
  SY_NOT_READY = 2,     /* being filled by its publisher */
  SY_STOPPED = 3,       /* whole, and its publisher is dead or has stopped (sy_wait_for only) */
  SY_NO_PERMISSION = 4, /* needs the group of the segment, or another mode */
  SY_OTHER_VERSION = 5, /* of a layout that this library does not know */
  SY_DAMAGED = 6,       /* no segment, cut off, or inconsistent */
  SY_SYSTEM = 7         /* the system refused something else, e.g. memory */
};

/* What sy_poll and sy_next return. */
typedef int32_t sy_polled;
enum {
  SY_OK = 0,        /* a record */
  SY_EMPTY = 1,     /* nothing new */
  SY_LAPPED = 2,    /* records were lost: sy_lost says how many; the next poll goes on */
  SY_RESTARTED = 3, /* a new publisher: attached to it, from its first record on; names anew */
  SY_DEAD = 4       /* the heartbeat is too old, or it stopped; polling on waits for another */
};

enum { /* sy_tick.event */
       SY_SNAPSHOT = 0,
       SY_DELTA = 1,
       SY_TRADE = 2,
       SY_LIQUIDATION = 3,
       SY_RESET = 4,
       SY_TIMER = 5
};
enum { /* sy_tick.status */
       SY_NO_BOOK = 0,
       SY_BOOK_OK = 1,
       SY_BID_ONLY = 2,
       SY_ASK_ONLY = 3,
       SY_BOOK_EMPTY = 4,
       SY_LOCKED = 5,
       SY_CROSSED_BOOK = 6
};
enum { /* sy_tick.validity, bits; live: none of them, or SY_SHALLOW alone */
       SY_SYNCING = 1,
       SY_GAP = 2,
       SY_STALE = 4,
       SY_CROSSED = 8,
       SY_SHALLOW = 16,
       SY_LINK_DOWN = 32,
       SY_BAD_CHECKSUM = 64,
       SY_OVERRUN = 128,
       SY_BAD_FRAME = 256,
       SY_DIVERGED = 512
};

/* The head of every record. Prices and sizes are mantissas: sy_price, sy_qty. */
typedef struct sy_tick {
  uint64_t book_sequence; /* the venue's id of the book's state */
  int64_t venue_time;     /* ns UTC as stamped by the venue; 0: it stamps nothing */
  int64_t received;       /* ns UTC; the kernel's receive time where there is one */
  int64_t published;      /* ns UTC; 0 where nobody looked at the clock */
  int64_t best_bid;       /* meaningless if bid_qty is 0: there is no bid */
  int64_t best_ask;
  int64_t bid_qty;
  int64_t ask_qty;
  uint32_t instrument; /* sy_get_instrument */
  uint32_t validity;
  uint8_t event;
  uint8_t status;
  int8_t price_exponent; /* value = mantissa * 10^exponent */
  int8_t qty_exponent;
  uint32_t reserved;
} sy_tick;

typedef struct sy_level {
  int64_t price; /* mantissas at the tick's exponents */
  int64_t qty;
} sy_level;

typedef struct sy_state {
  sy_tick tick;
  uint32_t bid_count; /* at most SY_VIEW_LEVELS; levels beyond mean nothing */
  uint32_t ask_count;
  sy_level bids[SY_VIEW_LEVELS]; /* best first */
  sy_level asks[SY_VIEW_LEVELS];
} sy_state;

/* What of a book's stream would tell that a change was lost. */
#define SY_PROOF_IDS 1      /* ids that name or follow each other */
#define SY_PROOF_CHECKSUM 2 /* over the best levels */
#define SY_PROOF_COUNT 4    /* the connection counts its messages */
#define SY_PROOF_WHOLE 8    /* each message is the whole book: a lost one is healed by the next */
#define SY_PROOF_NONE 128   /* nothing would: unproven */

typedef struct sy_instrument {
  char venue[32];       /* texts end in zero */
  char symbol[72];      /* the venue's own */
  char name[72];        /* normalised: BTC-USDT, BTC-USDT-PERP */
  char channel[32];     /* of the book */
  double contract_size; /* inverse contracts: quote units a contract; else 0 */
  uint32_t shard;
  uint8_t kind;          /* 0 spot, 1 linear, 2 inverse, 3 quanto, 4 option */
  int8_t price_exponent; /* at start; a tick carries its own */
  int8_t qty_exponent;
  union {
    uint8_t reserved; /* its name until 1.0 */
    uint8_t proof;    /* SY_PROOF_ bits; 0: the daemon is too old to say */
  };
} sy_instrument;

typedef struct sy_column {
  char name[48];
  char unit[24];
  char description[184];
  double low; /* no value is less */
  double high;
  int32_t headline; /* its place among the values of a record; -1: only in states */
  uint32_t reserved;
} sy_column;

typedef struct sy_counter {
  char label[128];
  uint64_t value;
} sy_counter;

/* Fill in `size` with sizeof(sy_options); 0 in a field is its default. */
typedef struct sy_options {
  uint32_t size;
  uint32_t dead_after_ms;  /* a heartbeat older than this: dead. Default 1000 */
  uint32_t check_every_ms; /* a restart is noticed within this. Default 50 */
  uint32_t from_start;     /* not 0: begin with what the ring still holds */
} sy_options;

typedef struct sy_reader sy_reader;

/* Of the library that is loaded: major << 16 | minor. Compare its major with SY_ABI_MAJOR. */
uint32_t sy_abi_version(void);
/* As text, e.g. "0.1.0". */
const char* sy_library_version(void);

/* Not attached to anything yet. NULL: no memory, or options->size is none that is known. */
sy_reader* sy_reader_new(const sy_options* options);
void sy_reader_free(sy_reader* reader); /* NULL is allowed */

/* Starts anew with `instance`. SY_ATTACHED, or the reason, which sy_error has in words. A publisher
 * that is not there is no reason to give up: poll, and it is found when it comes. */
sy_attached sy_attach(sy_reader* reader, const char* instance);
/* The same, and waits until it is there and alive. */
sy_attached sy_wait_for(sy_reader* reader, const char* instance, uint32_t timeout_ms);
/* Why the last of these two did not succeed, or, after SY_DEAD, why there is no successor. "": all
 * is well. Valid until the next call with this reader. */
const char* sy_error(const sy_reader* reader);

/* The next record: `tick`, and the first `count` headline columns into `values` (NaN where
 * undefined or beyond those that there are). Never waits, takes no lock. Both may be NULL. */
sy_polled sy_poll(sy_reader* reader, sy_tick* tick, double* values, uint32_t count);
/* Waits for it, up to timeout_ms; SY_EMPTY: it did not come. Sleeps 50 us between looks. */
sy_polled sy_next(sy_reader* reader, sy_tick* tick, double* values, uint32_t count,
                  uint32_t timeout_ms);
/* Up to `max` records at once: their ticks, and `count` values each, one after another. Returns how
 * many; `end`, if not NULL, is what ended it: SY_OK if `max` did. */
size_t sy_poll_batch(sy_reader* reader, sy_tick* ticks, double* values, uint32_t count, size_t max,
                     sy_polled* end);

/* Records that were published since the reader attached and are not delivered, over restarts too.
 */
uint64_t sy_lost(const sy_reader* reader);
uint64_t sy_lag(const sy_reader* reader);      /* published and not read yet */
uint64_t sy_restarts(const sy_reader* reader); /* followed so far */
int sy_is_attached(const sy_reader* reader);
int sy_is_alive(const sy_reader* reader);         /* not 0: its heartbeat is young */
uint64_t sy_generation(const sy_reader* reader);  /* new with every publisher; 0: none */
const char* sy_daemon_version(sy_reader* reader); /* "" if not attached */

/* Directories. sy_get_*: 1, or 0 if there is no such element. sy_find_*: -1 if there is none. */
uint32_t sy_instruments(const sy_reader* reader);
int sy_get_instrument(const sy_reader* reader, uint32_t index, sy_instrument* out);
/* By symbol or normalised name; venue NULL or "": any. */
int64_t sy_find_instrument(const sy_reader* reader, const char* venue, const char* symbol);
uint32_t sy_columns(const sy_reader* reader);
uint32_t sy_headline_columns(const sy_reader* reader); /* values of a record */
int sy_get_column(const sy_reader* reader, uint32_t index, sy_column* out);
int64_t sy_find_column(const sy_reader* reader, const char* name);
uint32_t sy_counters(const sy_reader* reader);
int sy_get_counter(const sy_reader* reader, uint32_t index, sy_counter* out);

/* The latest state of an instrument, and the first `count` of all columns. Never waits. 1, or 0 if
 * nothing was published of it yet. `state` and `columns` may be NULL. */
int sy_latest(const sy_reader* reader, uint32_t instrument, sy_state* state, double* columns,
              uint32_t count);

int sy_is_live(const sy_tick* tick); /* the book is in step with its venue */
double sy_price(const sy_tick* tick, int64_t mantissa);
double sy_qty(const sy_tick* tick, int64_t mantissa);

#ifdef __cplusplus
}
#endif

#endif
