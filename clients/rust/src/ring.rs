//! One reader's place in one ring: the protocol of docs/shared-memory.md.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::layout::{SLOT_VALUES_AT, TICK_WORDS};
use crate::record::{Record, Tick};
use crate::segment::RingPlace;
use crate::system::Mapping;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingPoll {
    Ok,
    Empty,
    Lapped,
}

pub struct RingReader {
    place: RingPlace,
    next: u64,
    pub lost: u64,
}

impl RingReader {
    /// Starts with record `next`; None: with what comes from now on, or with what the ring holds.
    pub fn new(place: RingPlace, mapping: &Mapping, next: Option<u64>, from_start: bool) -> Self {
        let next = next.unwrap_or_else(|| {
            let newest = mapping.u64_at(place.published_at).load(Acquire);
            if from_start { newest - newest.min(place.slot_count - 1) } else { newest }
        });
        RingReader { place, next, lost: 0 }
    }

    pub fn poll(&mut self, mapping: &Mapping, record: &mut Record, values: usize) -> RingPoll {
        self.poll_with(mapping, record, values, || {})
    }

    /// `between` runs after the copy and before its check: there a test puts the race.
    fn poll_with(&mut self, mapping: &Mapping, record: &mut Record, values: usize,
                 between: impl FnOnce()) -> RingPoll {
        let slot = (self.next & (self.place.slot_count - 1)) as usize;
        let at = self.place.slots_at + 8 * self.place.slot_words * slot;
        let words = mapping.words(at, SLOT_VALUES_AT + values);
        let complete = 2 * self.next + 2;
        let mut stamp = words[0].load(Acquire);
        if stamp < complete {
            return RingPoll::Empty;
        }
        if stamp == complete {
            let mut head = [0u64; TICK_WORDS];
            for (to, from) in head.iter_mut().zip(&words[1..]) {
                *to = from.load(Acquire);
            }
            record.values.resize(values, f64::NAN);
            for (to, from) in record.values.iter_mut().zip(&words[SLOT_VALUES_AT..]) {
                *to = f64::from_bits(from.load(Acquire));
            }
            between();
            stamp = words[0].load(Relaxed);
            if stamp == complete {
                record.tick = Tick::from_words(&head);
                self.next += 1;
                return RingPoll::Ok;
            }
        }
        // The stamp names the record that took our slot. Half a ring behind the newest there is time
        // to read before the writer comes round again. Never back, whatever a corrupt stamp says.
        let newest = ((stamp - 1) / 2).max(mapping.u64_at(self.place.published_at).load(Acquire));
        let half = self.place.slot_count / 2;
        let resume =
            if newest > self.next + half { newest - half } else { self.next + 1 };
        self.lost += resume - self.next;
        self.next = resume;
        RingPoll::Lapped
    }

    pub fn position(&self) -> u64 {
        self.next
    }

    pub fn lag(&self, mapping: &Mapping) -> u64 {
        mapping.u64_at(self.place.published_at).load(Acquire).saturating_sub(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::FileExt;

    const SLOTS: u64 = 4;
    const WORDS: usize = 16;
    const PLACE: RingPlace =
        RingPlace { published_at: 0, slots_at: 64, slot_words: WORDS, slot_count: SLOTS };

    fn put(file: &File, n: u64, stamp: u64) {
        let at = 64 + (n % SLOTS) * 8 * WORDS as u64;
        file.write_all_at(&stamp.to_le_bytes(), at).unwrap();
        file.write_all_at(&n.to_le_bytes(), at + 8).unwrap();
        file.write_all_at(&(n as f64).to_le_bytes(), at + 88).unwrap();
    }

    #[test]
    fn a_record_that_is_overwritten_while_it_is_copied_is_not_delivered() {
        let path = std::env::temp_dir().join(format!("steelyard-ring-{}", std::process::id()));
        let file =
            OpenOptions::new().read(true).write(true).create(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file.set_len(64 + SLOTS * 8 * WORDS as u64).unwrap();
        let mapping = Mapping::of(&file, file.metadata().unwrap().len() as usize).unwrap();
        put(&file, 0, 2);
        put(&file, 1, 4);
        file.write_all_at(&2u64.to_le_bytes(), 0).unwrap();
        let mut ring = RingReader::new(PLACE, &mapping, Some(0), false);
        let mut record = Record::default();
        assert_eq!(ring.poll(&mapping, &mut record, 1), RingPoll::Ok);
        assert_eq!((record.tick.book_sequence, record.values[0]), (0, 0.0));

        let polled = ring.poll_with(&mapping, &mut record, 1, || {
            put(&file, 5, 11); // being written, in the slot of record 1
            file.write_all_at(&5u64.to_le_bytes(), 0).unwrap();
        });

        assert_eq!(polled, RingPoll::Lapped);
        assert_eq!((record.tick.book_sequence, ring.lost, ring.position()), (0, 2, 3));
    }
}
