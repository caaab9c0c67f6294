#!/usr/bin/env python3
"""The Python package against a live segment.

usage: live_test.py PUBLISHER
"""
import math
import sys
import time

import support

try:
    import numpy as np
except ImportError:
    support.skip("there is no numpy (scripts/setup --tests installs it)")

import steelyard


class Live(support.ClientTest):
    binary = sys.argv[1]

    def setUp(self):
        super().setUp()
        self.events = []

    def attach(self, **options):
        options.setdefault("dead_after", 3600.0)
        options.setdefault("check_every", 0.0)
        feed = steelyard.attach("test", on_event=lambda _, event: self.events.append(event.name),
                                **options)
        self.addCleanup(feed.close)
        return feed

    def drain(self, feed):
        """The numbers of the records that come until there is nothing more."""
        numbers = []
        while True:
            batch = feed.read(1000)
            if not len(batch):
                return numbers
            numbers += batch["book_sequence"].tolist()

    # -- attaching

    def test_every_refusal_is_told_apart_and_in_words(self):
        kinds = {"without_a_segment": steelyard.NotFound, "not_ready": steelyard.NotReady,
                 "of_another_version": steelyard.OtherVersion,
                 "forbidden": steelyard.PermissionDenied}
        for refusal in self.REFUSALS:
            with self.subTest(refusal):
                text = getattr(self, refusal)()
                with self.assertRaisesRegex(kinds.get(refusal, steelyard.Damaged), text):
                    steelyard.attach("test")
        self.forbidden()
        with self.assertRaises(steelyard.PermissionDenied):
            steelyard.attach("test", wait=3600.0)  # no waiting for what waiting does not cure

    def test_a_segment_that_is_being_rewritten_is_whole_or_not_there(self):
        self.publisher.start()
        attached = 0
        for _ in range(100):
            self.publisher.ask("start")
            for _ in range(10):
                try:
                    with steelyard.attach("test") as feed:
                        attached += len(feed.instruments) == 2
                except steelyard.NotFound:
                    pass
            self.publisher.finish()
        self.assertGreater(attached, 0)

    def test_a_publisher_that_dies_in_the_middle_of_a_record_leaves_no_half_of_it(self):
        self.publisher.start()
        feed = self.attach(dead_after=0.05)
        self.publisher.publish(3)
        self.publisher.die("die_halfway")
        self.assertEqual(self.drain(feed), [0, 1, 2])
        self.assertIsNone(feed.latest(0))
        self.assertIsNotNone(feed.latest(1), "the other row is whole")
        while feed.is_alive:
            pass
        self.assertEqual(self.drain(feed), [])
        with steelyard.attach("test", dead_after=0.05) as late:
            self.assertFalse(late.is_alive)

    def test_a_dead_publisher_is_not_waited_for_longer_than_allowed(self):
        self.publisher.start()
        self.publisher.die()
        time.sleep(0.06)
        with self.assertRaisesRegex(steelyard.PublisherDead, "its publisher is dead"):
            steelyard.attach("test", wait=0.01, dead_after=0.05)

    def test_a_closed_feed_says_so(self):
        self.publisher.start()
        with steelyard.attach("test") as feed:
            self.assertTrue(feed.is_alive)
        self.assertFalse(feed.is_alive)
        with self.assertRaisesRegex(steelyard.SteelyardError, "closed"):
            feed.read()

    # -- records

    def test_ticks_have_names_prices_verdict_and_columns(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(2)
        self.publisher.tell("record 0 2 100.5 0.5 0.25 3 -2 1")
        _, second, third = feed.ticks(timeout=0.0)
        self.assertEqual((second.venue, second.symbol, second.instrument.name),
                         ("binance-spot", "BBBUSDT", "BBB-USDT"))
        self.assertEqual((second.bid, second.ask, second["mid"], second["qi"]),
                         (0.04, 0.05, 1.0, 1.5))
        self.assertEqual((second.is_live, second.event, second.received),
                         (True, steelyard.EventKind.DELTA, 3))
        self.assertEqual((third.is_live, third.validity), (False, steelyard.Validity.GAP))
        self.assertEqual(third.as_dict()["regime"], -2.0)
        with self.assertRaisesRegex(KeyError, "not among the headline columns"):
            third["extra"]
        with self.assertRaisesRegex(KeyError, "there is no column \\\\?\"nope"):
            third["nope"]
        self.assertTrue(math.isnan(third.get("nope")))

    def test_a_batch_is_a_structured_array_with_the_names_of_the_directory(self):
        self.publisher.start(1, 1024)
        feed = self.attach()
        self.publisher.publish(1000)
        batch = feed.read()
        n = np.arange(1000)
        self.assertEqual(batch.dtype.names[-6:],
                         ("mid", "qi", "pbi_10bp", "ofi_1000ms", "regime", "casc_alert"))
        np.testing.assert_array_equal(batch["book_sequence"], n)
        np.testing.assert_array_equal(batch["pbi_10bp"], n + 0.25)
        np.testing.assert_array_equal(batch["casc_alert"], n + 0.875)
        np.testing.assert_array_equal(steelyard.bid_prices(batch), (n + 3) / 100)
        np.testing.assert_array_equal(steelyard.ask_prices(batch), (n + 4) / 100)
        self.assertTrue(steelyard.is_live(batch).all())
        self.assertEqual(len(feed.read()), 0)
        self.publisher.publish(1000)  # over the end of the ring
        np.testing.assert_array_equal(feed.read()["book_sequence"], n + 1000)
        np.testing.assert_array_equal(batch["book_sequence"], n, "a batch that was read stays")

    def test_a_view_lies_in_shared_memory_and_knows_when_it_is_overwritten(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(40)
        view = feed.view()
        self.assertTrue(np.shares_memory(view.rows, feed._segment._memory))
        self.assertFalse(view.rows.flags.writeable)
        np.testing.assert_array_equal(view.rows["mid"], np.arange(40))
        self.assertTrue(view.intact)

        self.publisher.publish(23)  # as many as the ring holds beside the next: nothing overwritten
        self.assertTrue(view.intact)
        np.testing.assert_array_equal(view.rows["mid"], np.arange(40))
        self.publisher.publish(1)
        self.assertFalse(view.intact)
        # In one piece only: what is left to the end of the ring, then the rest.
        self.publisher.publish(16)
        self.assertEqual([len(feed.view()), len(feed.view()), len(feed.view())], [24, 16, 0])

    def test_loss_is_counted_exactly_and_told(self):
        self.publisher.start(2)
        feed = self.attach()
        self.publisher.publish(300, 0)
        self.publisher.publish(10, 1)
        numbers = self.drain(feed)
        self.assertEqual(len(numbers) + feed.lost, 310)
        self.assertEqual(feed.lost, 300 - 32)
        self.assertEqual(self.events, ["LAPPED"])
        self.assertEqual(feed.lag, 0)

    def test_records_that_are_overwritten_while_they_are_copied_are_not_delivered(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(60)
        ring = feed._rings[0]
        overwritten = ring.overwritten

        def in_between(record):  # between the copy and its check
            self.publisher.publish(10)
            return overwritten(record)

        ring.overwritten = in_between
        numbers = feed.read()["book_sequence"].tolist()
        self.assertEqual(numbers, list(range(7, 60)))
        self.assertEqual(feed.lost, 7)
        ring.overwritten = overwritten
        self.assertEqual(self.drain(feed), list(range(60, 70)))

    def test_begins_with_what_comes_from_now_on_unless_asked_for_the_rest(self):
        self.publisher.start()
        self.publisher.publish(100)
        now, rest = self.attach(), self.attach(from_start=True)
        self.assertEqual(self.drain(now), [])
        self.assertEqual(self.drain(rest), list(range(37, 100)), "what the ring held")
        self.assertEqual(rest.lost, 0, "what was gone before it came is nothing to it")
        self.publisher.publish(1)
        self.assertEqual((self.drain(now), self.drain(rest)), ([100], [100]))

    def test_records_of_a_publisher_in_full_flight_are_whole_or_counted_as_lost(self):
        self.publisher.start(1, 1024)
        feed = self.attach()
        self.publisher.ask("run 1000000 0.3")
        delivered = 0
        while delivered + feed.lost < 300_000:
            batch = feed.read()
            number = batch["book_sequence"]
            for field, offset in (("mid", 0.0), ("casc_alert", 0.875), ("ask_qty", 6)):
                np.testing.assert_array_equal(batch[field], number + offset)
            self.assertTrue((np.diff(number.astype(np.int64)) > 0).all())
            state = feed.latest(0)
            if state is not None:
                self.assertEqual(state["extra"] - state["mid"], 0.0625)
            delivered += len(batch)
        self.assertEqual(self.publisher.finish(), "published 300000")
        self.assertEqual(len(feed.read()), 0)

    def test_a_million_records_a_second_come_in_batches(self):
        self.publisher.start(1, 65_536)
        feed = self.attach()
        records, spent = 0, 0.0
        while records < 500_000:
            self.publisher.publish(50_000)
            begin = time.thread_time()
            batch = feed.read()
            self.assertTrue(math.isfinite(batch["mid"].mean()))
            spent += time.thread_time() - begin
            records += len(batch)
        self.assertEqual(feed.lost, 0)
        print(f"{records / spent / 1e6:.1f} million records a second", file=sys.stderr)
        self.assertGreater(records / spent, 1e6)

    # -- the latest state

    def test_the_latest_state_has_every_column_and_the_book(self):
        self.publisher.start()
        feed = self.attach()
        self.assertIsNone(feed.latest("AAAUSDT"))
        self.assertEqual(len(feed.table()), 0)
        self.publisher.publish(4)
        state = feed.latest("BBB-USDT", venue="binance-spot")
        self.assertEqual((state["extra"], state["casc_alert"], state.bid), (3.0625, 3.875, 0.06))
        self.assertEqual(state.as_dict()["symbol"], "BBBUSDT")
        self.assertEqual(float(state.record["extra"]), 3.0625)
        book = feed.book("binance-spot:BBBUSDT")
        self.assertEqual(book.bids.tolist(), [(0.06, 0.008), (0.05, 0.001)])
        self.assertEqual(book.asks.tolist(), [(0.07, 0.009)])
        table = feed.table()
        self.assertEqual(table["symbol"].tolist(), ["AAAUSDT", "BBBUSDT"])
        self.assertEqual(table["extra"].tolist(), [2.0625, 3.0625])
        with self.assertRaisesRegex(KeyError, "no instrument .*there are: binance-spot:AAAUSDT"):
            feed.latest("CCCUSDT")

    def test_a_row_whose_writer_died_in_the_middle_is_none(self):
        path = self.publisher.start().path
        feed = self.attach()
        self.publisher.publish(1)
        self.assertIsNotNone(feed.latest(0))
        with open(path, "r+b") as file:
            file.seek(feed._segment.regions["states"].offset)
            file.write(b"\x07")
        self.assertIsNone(feed.latest(0))

    def test_directories_and_counters(self):
        self.publisher.start()
        feed = self.attach()
        self.assertEqual([one.symbol for one in feed.instruments], ["AAAUSDT", "BBBUSDT"])
        self.assertEqual([one.proof for one in feed.instruments],
                         [("ids", "checksum"), ("unproven",)])
        regime = next(one for one in feed.columns if one.name == "regime")
        self.assertEqual((regime.unit, regime.low, regime.high, regime.headline),
                         ("flag", -2.0, 2.0, 4))
        self.assertEqual(feed.counters, {"frames": 42, "resets": 0})
        self.assertNotEqual(feed.generation, 0)


if __name__ == "__main__":
    support.main(Live)
