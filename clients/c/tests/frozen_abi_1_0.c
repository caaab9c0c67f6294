/* clients/c/tests/frozen_abi_1_0.c -- version 1.0 of the ABI as it was published. Compiling it is the
 * test. It is never changed: what a later version adds is frozen in a file of its own. */
#include <steelyard/steelyard.h>

#define AT(type, field, offset, bytes)                                     \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field);     \
  _Static_assert(sizeof(((type*)0)->field) == (bytes), #type "." #field)
#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define VALUE(name, value) _Static_assert((name) == (value), #name)

VALUE(SY_ABI_MAJOR, 1);
VALUE(SY_VIEW_LEVELS, 20);
VALUE(SY_ATTACHED, 0); VALUE(SY_MISSING, 1); VALUE(SY_NOT_READY, 2); VALUE(SY_STOPPED, 3);
VALUE(SY_NO_PERMISSION, 4); VALUE(SY_OTHER_VERSION, 5); VALUE(SY_DAMAGED, 6); VALUE(SY_SYSTEM, 7);
VALUE(SY_OK, 0); VALUE(SY_EMPTY, 1); VALUE(SY_LAPPED, 2); VALUE(SY_RESTARTED, 3); VALUE(SY_DEAD, 4);
VALUE(SY_SNAPSHOT, 0); VALUE(SY_DELTA, 1); VALUE(SY_TRADE, 2); VALUE(SY_LIQUIDATION, 3);
VALUE(SY_RESET, 4); VALUE(SY_TIMER, 5);
VALUE(SY_NO_BOOK, 0); VALUE(SY_BOOK_OK, 1); VALUE(SY_BID_ONLY, 2); VALUE(SY_ASK_ONLY, 3);
VALUE(SY_BOOK_EMPTY, 4); VALUE(SY_LOCKED, 5); VALUE(SY_CROSSED_BOOK, 6);
VALUE(SY_SYNCING, 1); VALUE(SY_GAP, 2); VALUE(SY_STALE, 4); VALUE(SY_CROSSED, 8);
VALUE(SY_SHALLOW, 16); VALUE(SY_LINK_DOWN, 32); VALUE(SY_BAD_CHECKSUM, 64); VALUE(SY_OVERRUN, 128);
VALUE(SY_BAD_FRAME, 256); VALUE(SY_DIVERGED, 512);

SIZE(sy_attached, 4);
SIZE(sy_polled, 4);

SIZE(sy_tick, 80);
AT(sy_tick, book_sequence, 0, 8); AT(sy_tick, venue_time, 8, 8); AT(sy_tick, received, 16, 8);
AT(sy_tick, published, 24, 8); AT(sy_tick, best_bid, 32, 8); AT(sy_tick, best_ask, 40, 8);
AT(sy_tick, bid_qty, 48, 8); AT(sy_tick, ask_qty, 56, 8); AT(sy_tick, instrument, 64, 4);
AT(sy_tick, validity, 68, 4); AT(sy_tick, event, 72, 1); AT(sy_tick, status, 73, 1);
AT(sy_tick, price_exponent, 74, 1); AT(sy_tick, qty_exponent, 75, 1); AT(sy_tick, reserved, 76, 4);

SIZE(sy_level, 16);
AT(sy_level, price, 0, 8); AT(sy_level, qty, 8, 8);

SIZE(sy_state, 728);
AT(sy_state, tick, 0, 80); AT(sy_state, bid_count, 80, 4); AT(sy_state, ask_count, 84, 4);
AT(sy_state, bids, 88, 320); AT(sy_state, asks, 408, 320);

SIZE(sy_instrument, 224);
AT(sy_instrument, venue, 0, 32); AT(sy_instrument, symbol, 32, 72);
AT(sy_instrument, name, 104, 72); AT(sy_instrument, channel, 176, 32);
AT(sy_instrument, contract_size, 208, 8); AT(sy_instrument, shard, 216, 4);
AT(sy_instrument, kind, 220, 1); AT(sy_instrument, price_exponent, 221, 1);
AT(sy_instrument, qty_exponent, 222, 1); AT(sy_instrument, reserved, 223, 1);

SIZE(sy_column, 280);
AT(sy_column, name, 0, 48); AT(sy_column, unit, 48, 24); AT(sy_column, description, 72, 184);
AT(sy_column, low, 256, 8); AT(sy_column, high, 264, 8); AT(sy_column, headline, 272, 4);
AT(sy_column, reserved, 276, 4);

SIZE(sy_counter, 136);
AT(sy_counter, label, 0, 128); AT(sy_counter, value, 128, 8);

/* May grow at its end: `size` tells the library which fields the caller knows. */
_Static_assert(sizeof(sy_options) >= 16, "sy_options");
AT(sy_options, size, 0, 4); AT(sy_options, dead_after_ms, 4, 4);
AT(sy_options, check_every_ms, 8, 4); AT(sy_options, from_start, 12, 4);

/* A function of another type does not initialise these. */
#define FUNCTION(result, name, ...) result (*const frozen_##name)(__VA_ARGS__) = &name

FUNCTION(uint32_t, sy_abi_version, void);
FUNCTION(const char*, sy_library_version, void);
FUNCTION(sy_reader*, sy_reader_new, const sy_options*);
FUNCTION(void, sy_reader_free, sy_reader*);
FUNCTION(sy_attached, sy_attach, sy_reader*, const char*);
FUNCTION(sy_attached, sy_wait_for, sy_reader*, const char*, uint32_t);
FUNCTION(const char*, sy_error, const sy_reader*);
FUNCTION(sy_polled, sy_poll, sy_reader*, sy_tick*, double*, uint32_t);
FUNCTION(sy_polled, sy_next, sy_reader*, sy_tick*, double*, uint32_t, uint32_t);
FUNCTION(size_t, sy_poll_batch, sy_reader*, sy_tick*, double*, uint32_t, size_t, sy_polled*);
FUNCTION(uint64_t, sy_lost, const sy_reader*);
FUNCTION(uint64_t, sy_lag, const sy_reader*);
FUNCTION(uint64_t, sy_restarts, const sy_reader*);
FUNCTION(int, sy_is_attached, const sy_reader*);
FUNCTION(int, sy_is_alive, const sy_reader*);
FUNCTION(uint64_t, sy_generation, const sy_reader*);
FUNCTION(const char*, sy_daemon_version, sy_reader*);
FUNCTION(uint32_t, sy_instruments, const sy_reader*);
FUNCTION(int, sy_get_instrument, const sy_reader*, uint32_t, sy_instrument*);
FUNCTION(int64_t, sy_find_instrument, const sy_reader*, const char*, const char*);
FUNCTION(uint32_t, sy_columns, const sy_reader*);
FUNCTION(uint32_t, sy_headline_columns, const sy_reader*);
FUNCTION(int, sy_get_column, const sy_reader*, uint32_t, sy_column*);
FUNCTION(int64_t, sy_find_column, const sy_reader*, const char*);
FUNCTION(uint32_t, sy_counters, const sy_reader*);
FUNCTION(int, sy_get_counter, const sy_reader*, uint32_t, sy_counter*);
FUNCTION(int, sy_latest, const sy_reader*, uint32_t, sy_state*, double*, uint32_t);
FUNCTION(int, sy_is_live, const sy_tick*);
FUNCTION(double, sy_price, const sy_tick*, int64_t);
FUNCTION(double, sy_qty, const sy_tick*, int64_t);
