#!/usr/bin/env python3
"""Restart, death, and asyncio: the Python package against publishers that end.

usage: life_test.py PUBLISHER
"""
import asyncio
import os
import sys

import support

try:
    import numpy
except ImportError:
    support.skip("there is no numpy (scripts/setup --tests installs it)")
del numpy

import steelyard


class Life(support.ClientTest):
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

    def test_a_restart_is_followed_from_its_first_record(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(5)
        self.assertEqual(self.drain(feed), list(range(5)))
        self.publisher.publish(2)  # not read when the publisher goes
        self.publisher.start(2)
        self.publisher.publish(3)  # not read when the feed comes
        self.assertEqual(self.drain(feed), [5, 6, 0, 1, 2])
        self.assertEqual((feed.restarts, feed.lost, self.events), (1, 0, ["RESTARTED"]))

    def test_publishers_that_came_and_went_unseen_are_counted(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(1)
        for unseen in (3, 200):
            self.publisher.start().publish(unseen)
        self.publisher.start().publish(2)
        self.assertEqual(len(self.drain(feed)), 3)
        self.assertEqual(feed.lost, 203)

    def test_a_publisher_that_dies_is_told_after_its_last_record(self):
        self.publisher.start()
        feed = self.attach(dead_after=0.05, reattach_within=0.0)
        self.publisher.publish(3)
        self.publisher.die()
        numbers = []
        with self.assertRaisesRegex(steelyard.PublisherDead, '"test" is dead'):
            for tick in feed:
                numbers.append(int(tick["book_sequence"]))
        self.assertEqual((numbers, self.events, feed.is_alive), ([0, 1, 2], ["DEAD"], False))

        self.new_publisher().start().publish(4)
        self.assertEqual(len(self.drain(feed)), 4)
        self.assertEqual((feed.restarts, feed.lost, self.events), (1, 0, ["DEAD", "RESTARTED"]))

    def test_iteration_waits_for_a_successor_as_long_as_it_may(self):
        self.publisher.start()
        feed = self.attach(reattach_within=3600.0)
        ticks = iter(feed)
        self.publisher.publish(1)
        self.assertEqual(next(ticks)["mid"], 0.0)
        self.publisher.stop()
        self.assertEqual(len(feed.read()), 0)
        self.assertEqual(self.events, ["DEAD"])
        self.publisher.start().publish(1)
        self.assertEqual(next(ticks)["mid"], 0.0)
        self.assertEqual(self.events, ["DEAD", "RESTARTED"])

    def test_why_a_successor_is_not_followed_is_said(self):
        self.publisher.start()
        feed = self.attach(reattach_within=0.0)
        self.publisher.stop()
        self.publisher.end()
        successor = self.new_publisher().start().path
        with open(successor, "r+b") as file:
            file.seek(8)
            file.write(b"\0\0\2\0")
        with self.assertRaisesRegex(steelyard.PublisherDead, "layout 2, this reader knows 1"):
            next(iter(feed))

    def test_a_segment_that_is_cut_off_under_the_feed_is_let_go(self):
        self.publisher.start()
        feed = self.attach(reattach_within=0.0)
        self.publisher.publish(5)
        os.truncate(self.publisher.path, 0)
        self.assertEqual(len(feed.read()), 0)
        self.assertEqual(self.events, ["CUT_OFF", "DEAD"])
        with self.assertRaisesRegex(steelyard.PublisherDead, "too short for a header"):
            next(iter(feed))
        self.assertFalse(feed.is_alive)
        with self.assertRaises(steelyard.SteelyardError):
            feed.latest(0)
        self.publisher.end()
        self.new_publisher().start().publish(2)
        self.assertEqual(self.drain(feed), [0, 1])
        self.assertEqual((feed.restarts, self.events[2:]), (1, ["RESTARTED"]))

    def test_a_file_that_is_no_segment_leads_nobody_astray(self):
        self.publisher.start()
        feed = self.attach()
        (self.folder / "junk").write_bytes(b"junk")
        (self.folder / "junk").rename(self.publisher.path)
        self.publisher.publish(2)
        self.assertEqual(self.drain(feed), [0, 1])

    def test_batches_end_when_nothing_comes_in_time(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(3)
        self.assertEqual([len(batch) for batch in feed.batches(2, timeout=0.0)], [2, 1])

    # -- asyncio

    def test_asyncio_iterates_ticks_and_batches(self):
        self.publisher.start()
        feed = self.attach()
        self.publisher.publish(5)

        async def read():
            seen = []
            async for tick in feed:
                seen.append(int(tick["mid"]))
                if len(seen) == 5:
                    break
            self.publisher.publish(3)
            async for batch in feed.abatches(timeout=0.0):
                seen += batch["mid"].astype(int).tolist()
            return seen

        self.assertEqual(asyncio.run(asyncio.wait_for(read(), 60)), list(range(8)))

    def test_asyncio_lets_others_run_and_tells_death(self):
        self.publisher.start()
        feed = self.attach(reattach_within=0.0)

        async def stop():
            self.publisher.stop()

        async def read():
            async for _ in feed:
                pass

        async def both():
            await asyncio.gather(read(), stop())

        with self.assertRaises(steelyard.PublisherDead):
            asyncio.run(asyncio.wait_for(both(), 60))


if __name__ == "__main__":
    support.main(Life)
