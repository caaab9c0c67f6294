#!/usr/bin/env python3
"""libsteelyard against a live segment, through the plainest foreign-function interface there is.

usage: library_test.py PUBLISHER LIBRARY
"""
import ctypes
import math
import sys

import support

LIBRARY = ctypes.CDLL(sys.argv[2])
ATTACHED, MISSING, NOT_READY, STOPPED, NO_PERMISSION, OTHER_VERSION, DAMAGED = range(7)
OK, EMPTY, LAPPED, RESTARTED, DEAD = range(5)


class Tick(ctypes.Structure):
    _fields_ = [("book_sequence", ctypes.c_uint64)] + [
        (name, ctypes.c_int64) for name in ("venue_time", "received", "published", "best_bid",
                                            "best_ask", "bid_qty", "ask_qty")] + [
        ("instrument", ctypes.c_uint32), ("validity", ctypes.c_uint32),
        ("event", ctypes.c_uint8), ("status", ctypes.c_uint8), ("price_exponent", ctypes.c_int8),
        ("qty_exponent", ctypes.c_int8), ("reserved", ctypes.c_uint32)]


class Level(ctypes.Structure):
    _fields_ = [("price", ctypes.c_int64), ("qty", ctypes.c_int64)]


class State(ctypes.Structure):
    _fields_ = [("tick", Tick), ("bid_count", ctypes.c_uint32), ("ask_count", ctypes.c_uint32),
                ("bids", Level * 20), ("asks", Level * 20)]


class Instrument(ctypes.Structure):
    _fields_ = [("venue", ctypes.c_char * 32), ("symbol", ctypes.c_char * 72),
                ("name", ctypes.c_char * 72), ("channel", ctypes.c_char * 32),
                ("contract_size", ctypes.c_double), ("shard", ctypes.c_uint32),
                ("kind", ctypes.c_uint8), ("price_exponent", ctypes.c_int8),
                ("qty_exponent", ctypes.c_int8), ("proof", ctypes.c_uint8)]


class Column(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char * 48), ("unit", ctypes.c_char * 24),
                ("description", ctypes.c_char * 184), ("low", ctypes.c_double),
                ("high", ctypes.c_double), ("headline", ctypes.c_int32),
                ("reserved", ctypes.c_uint32)]


class Counter(ctypes.Structure):
    _fields_ = [("label", ctypes.c_char * 128), ("value", ctypes.c_uint64)]


class Options(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32)
                for name in ("size", "dead_after_ms", "check_every_ms", "from_start")]


LIBRARY.sy_reader_new.restype = ctypes.c_void_p
for _name in ("sy_error", "sy_daemon_version", "sy_library_version"):
    getattr(LIBRARY, _name).restype = ctypes.c_char_p
for _name in ("sy_lost", "sy_lag", "sy_restarts", "sy_generation"):
    getattr(LIBRARY, _name).restype = ctypes.c_uint64
for _name in ("sy_find_instrument", "sy_find_column"):
    getattr(LIBRARY, _name).restype = ctypes.c_int64
LIBRARY.sy_poll_batch.restype = ctypes.c_size_t
LIBRARY.sy_poll_batch.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
                                  ctypes.c_uint32, ctypes.c_size_t, ctypes.c_void_p]
for _name in ("sy_price", "sy_qty"):
    getattr(LIBRARY, _name).restype = ctypes.c_double
    getattr(LIBRARY, _name).argtypes = [ctypes.c_void_p, ctypes.c_int64]


class Library(support.ClientTest):
    binary = sys.argv[1]

    def reader(self, dead_after_ms=3_600_000, from_start=False):
        options = Options(ctypes.sizeof(Options), dead_after_ms, 1, from_start)
        feed = ctypes.c_void_p(LIBRARY.sy_reader_new(ctypes.byref(options)))
        self.addCleanup(LIBRARY.sy_reader_free, feed)
        return feed

    def attached(self, **options):
        feed = self.reader(**options)
        self.assertEqual(LIBRARY.sy_attach(feed, b"test"), ATTACHED, LIBRARY.sy_error(feed))
        return feed

    def drain(self, feed):
        """How many records come, and what ended them."""
        tick, records = Tick(), 0
        while True:
            polled = LIBRARY.sy_poll(feed, ctypes.byref(tick), None, 0)
            if polled == OK:
                records += 1
            elif polled != LAPPED:
                return records, polled

    def test_every_refusal_is_told_apart_and_in_words(self):
        values = {"without_a_segment": MISSING, "of_another_version": OTHER_VERSION,
                  "not_ready": NOT_READY, "forbidden": NO_PERMISSION}
        for refusal in self.REFUSALS:
            with self.subTest(refusal):
                text = getattr(self, refusal)()
                feed = self.reader()
                self.assertEqual(LIBRARY.sy_attach(feed, b"test"), values.get(refusal, DAMAGED))
                self.assertIn(text, LIBRARY.sy_error(feed).decode())
                self.assertEqual(LIBRARY.sy_is_attached(feed), 0)
                self.assertEqual(LIBRARY.sy_instruments(feed), 0)
                self.assertEqual(LIBRARY.sy_latest(feed, 0, None, None, 0), 0)
                self.assertEqual(LIBRARY.sy_poll(feed, None, None, 0) in (EMPTY, DEAD), True)
                # No waiting for what waiting does not cure, and an end to all other waiting.
                self.assertEqual(LIBRARY.sy_wait_for(feed, b"test", 1),
                                 values.get(refusal, DAMAGED))

    def test_a_segment_that_is_being_rewritten_is_whole_or_not_there(self):
        self.publisher.start()
        seen = set()
        for _ in range(100):
            self.publisher.ask("start")
            for _ in range(10):
                seen.add(LIBRARY.sy_attach(self.reader(), b"test"))
            self.publisher.finish()
        self.assertIn(ATTACHED, seen)
        self.assertLessEqual(seen, {ATTACHED, MISSING})

    def test_a_publisher_that_dies_in_the_middle_of_a_record_leaves_no_half_of_it(self):
        self.publisher.start()
        feed = self.attached(dead_after_ms=50)
        self.publisher.publish(3)
        self.assertEqual(LIBRARY.sy_latest(feed, 0, None, None, 0), 1)
        self.publisher.die("die_halfway")
        total, end = 0, EMPTY
        while end == EMPTY:
            records, end = self.drain(feed)
            total += records
        self.assertEqual((total, end), (3, DEAD))
        self.assertEqual(LIBRARY.sy_latest(feed, 0, None, None, 0), 0)
        self.assertEqual(LIBRARY.sy_latest(feed, 1, None, None, 0), 1, "the other row is whole")
        late = self.reader(dead_after_ms=50)
        self.assertEqual(LIBRARY.sy_attach(late, b"test"), ATTACHED)
        self.assertEqual((LIBRARY.sy_is_alive(late), LIBRARY.sy_poll(late, None, None, 0)),
                         (0, DEAD))

    def test_records_come_whole_with_values_and_names(self):
        self.publisher.start()
        feed = self.attached()
        self.publisher.publish(2)

        tick, values = Tick(), (ctypes.c_double * 8)()
        self.assertEqual(LIBRARY.sy_poll(feed, ctypes.byref(tick), values, 8), OK)
        self.assertEqual(LIBRARY.sy_poll(feed, ctypes.byref(tick), values, 8), OK)
        self.assertEqual((tick.book_sequence, tick.best_bid, tick.ask_qty), (1, 4, 7))
        self.assertEqual(list(values[:6]), [1, 1.5, 1.25, 1.125, 1.75, 1.875])
        self.assertTrue(all(map(math.isnan, values[6:])), "beyond the headline columns")
        self.assertEqual(LIBRARY.sy_price(ctypes.byref(tick), tick.best_bid), 0.04)
        self.assertEqual(LIBRARY.sy_qty(ctypes.byref(tick), tick.bid_qty), 0.006)
        self.assertEqual(LIBRARY.sy_is_live(ctypes.byref(tick)), 1)
        instrument = Instrument()
        self.assertEqual(LIBRARY.sy_get_instrument(feed, tick.instrument,
                                                   ctypes.byref(instrument)), 1)
        self.assertEqual((instrument.venue, instrument.symbol, instrument.price_exponent),
                         (b"binance-spot", b"BBBUSDT", -2))
        self.assertEqual(instrument.proof, 128, "unproven")
        self.assertEqual(LIBRARY.sy_get_instrument(feed, 2, ctypes.byref(instrument)), 0)
        self.assertEqual(LIBRARY.sy_poll(feed, ctypes.byref(tick), values, 8), EMPTY)
        self.assertEqual(LIBRARY.sy_next(feed, ctypes.byref(tick), values, 8, 1), EMPTY)

    def test_directories_and_counters(self):
        self.publisher.start()
        feed = self.attached()
        self.assertEqual(LIBRARY.sy_find_instrument(feed, None, b"BBB-USDT"), 1)
        self.assertEqual(LIBRARY.sy_find_instrument(feed, b"okx", b"BBB-USDT"), -1)
        self.assertEqual(LIBRARY.sy_headline_columns(feed), 6)
        column = Column()
        index = LIBRARY.sy_find_column(feed, b"extra")
        self.assertEqual(LIBRARY.sy_get_column(feed, index, ctypes.byref(column)), 1)
        self.assertEqual((column.name, column.unit, column.headline, column.low),
                         (b"extra", b"ratio", -1, -1.0))
        counter = Counter()
        self.assertEqual(LIBRARY.sy_get_counter(feed, 0, ctypes.byref(counter)), 1)
        self.assertEqual((counter.label, counter.value), (b"frames", 42))
        self.assertEqual(LIBRARY.sy_get_counter(feed, 2, ctypes.byref(counter)), 0)
        self.assertNotEqual(LIBRARY.sy_generation(feed), 0)
        self.assertEqual(LIBRARY.sy_daemon_version(feed), LIBRARY.sy_library_version())

    def test_the_latest_state_has_every_column_and_the_levels(self):
        self.publisher.start()
        feed = self.attached()
        state, columns = State(), (ctypes.c_double * 8)()
        self.assertEqual(LIBRARY.sy_latest(feed, 1, ctypes.byref(state), columns, 8), 0)
        self.publisher.publish(4)

        self.assertEqual(LIBRARY.sy_latest(feed, 1, ctypes.byref(state), columns, 8), 1)
        self.assertEqual(list(columns[:7]), [3, 3.5, 3.25, 3.125, 3.0625, 3.75, 3.875])
        self.assertTrue(math.isnan(columns[7]))
        self.assertEqual((state.bid_count, state.ask_count), (2, 1))
        self.assertEqual((state.bids[0].price, state.bids[1].price, state.asks[0].qty), (6, 5, 9))
        self.assertEqual(LIBRARY.sy_latest(feed, 2, ctypes.byref(state), columns, 8), 0)

    def test_batches_hold_what_single_polls_would(self):
        self.publisher.start(2, 256)
        feed = self.attached()
        self.publisher.publish(100, 0)
        self.publisher.publish(50, 1)
        ticks, values, end = (Tick * 120)(), (ctypes.c_double * 240)(), ctypes.c_int32()

        self.assertEqual(LIBRARY.sy_poll_batch(feed, ticks, values, 2, 120, ctypes.byref(end)), 120)
        self.assertEqual(end.value, OK)
        for i in range(120):
            self.assertEqual(values[2 * i], ticks[i].book_sequence)
            self.assertEqual(values[2 * i + 1], ticks[i].book_sequence + 0.5)
        self.assertEqual(LIBRARY.sy_lag(feed), 30)
        self.assertEqual(LIBRARY.sy_poll_batch(feed, ticks, None, 0, 120, ctypes.byref(end)), 30)
        self.assertEqual(end.value, EMPTY)

    def test_loss_is_counted_exactly(self):
        self.publisher.start()
        feed = self.attached()
        self.publisher.publish(200)
        self.assertEqual(LIBRARY.sy_poll(feed, None, None, 0), LAPPED)
        records, end = self.drain(feed)
        self.assertEqual(end, EMPTY)
        self.assertEqual(records + LIBRARY.sy_lost(feed), 200)

    def test_death_comes_after_the_last_record_and_a_successor_is_followed(self):
        self.publisher.start()
        feed = self.attached(dead_after_ms=50)
        self.publisher.publish(3)
        self.publisher.die()
        total, end = 0, EMPTY
        while end == EMPTY:
            records, end = self.drain(feed)
            total += records
        self.assertEqual((total, end), (3, DEAD))
        self.assertEqual(LIBRARY.sy_is_alive(feed), 0)
        self.assertEqual(LIBRARY.sy_wait_for(self.reader(dead_after_ms=50), b"test", 1), STOPPED)

        self.new_publisher().start().publish(4)
        end = DEAD
        while end == DEAD:
            end = LIBRARY.sy_poll(feed, None, None, 0)
        self.assertEqual(end, RESTARTED)
        self.assertEqual(self.drain(feed)[0], 4)
        self.assertEqual((LIBRARY.sy_restarts(feed), LIBRARY.sy_lost(feed)), (1, 0))

    def test_a_reader_goes_on_with_what_it_has_when_its_name_leads_to_something_else(self):
        self.publisher.start()
        feed = self.attached()
        self.publisher.publish(1)
        (self.folder / "junk").write_bytes(b"no segment")
        (self.folder / "junk").rename(self.publisher.path)
        self.publisher.publish(1)
        records, end = self.drain(feed)
        self.assertEqual((records, end), (2, EMPTY))

    def test_options_of_an_unknown_size_are_refused(self):
        options = Options(8, 0, 0, 0)
        self.assertIsNone(LIBRARY.sy_reader_new(ctypes.byref(options)))


if __name__ == "__main__":
    support.main(Library)
