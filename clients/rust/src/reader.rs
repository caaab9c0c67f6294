use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use crate::error::{AttachError, Refusal};
use crate::record::{Record, State};
use crate::ring::{RingPoll, RingReader};
use crate::segment::{segment_path, Column, Instrument, Segment};
use crate::system::monotonic_ns;

/// A heartbeat older than `dead_after` means that the publisher is dead; it beats every 100 ms. A
/// restart is noticed within `check_every`.
#[derive(Clone, Debug)]
pub struct Options {
    pub dead_after: Duration,
    pub check_every: Duration,
    /// With what the ring still holds; else with what comes from now on.
    pub from_start: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            dead_after: Duration::from_secs(1),
            check_every: Duration::from_millis(50),
            from_start: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// The record was filled in.
    Record,
    /// Nothing new.
    Empty,
    /// Records were lost: `lost()` says how many; the next poll goes on.
    Lapped,
    /// A new publisher: attached to it, from its first record on. Instruments and columns may be
    /// others now.
    Restarted,
    /// The heartbeat is too old, or it stopped; polling on waits for another.
    Dead,
}

/// Attached to one instance. Read-only: whatever it does delays nobody.
pub struct Reader {
    options: Options,
    path: String,
    segment: Segment,
    successor: Option<Segment>, // seen, and not followed yet
    rings: Vec<RingReader>,
    turn: usize,
    lost_before: u64,
    restarts: u64,
    next_check_ns: i64,
    dead: bool,
    why_not: Option<AttachError>,
}

impl Reader {
    /// Attaches to what is there now, be its publisher alive or not.
    pub fn attach(instance: &str, options: Options) -> Result<Reader, AttachError> {
        let path = segment_path(instance);
        let segment = Segment::open(&path)?;
        Ok(Reader::at(path, segment, options))
    }

    /// Waits for the daemon to be there and alive. Ends at once for what waiting does not cure.
    pub fn wait_for(instance: &str, options: Options, timeout: Duration)
        -> Result<Reader, AttachError> {
        let path = segment_path(instance);
        let deadline = Instant::now() + timeout;
        loop {
            let error = match Segment::open(&path) {
                Ok(segment) if segment.is_alive(nanoseconds(options.dead_after)) => {
                    return Ok(Reader::at(path, segment, options));
                }
                Ok(_) => AttachError::new(Refusal::Dead, format!("{path}: its publisher is dead")),
                Err(error) => error,
            };
            let hopeless = matches!(error.refusal, Refusal::NoPermission | Refusal::OtherVersion);
            if hopeless || Instant::now() >= deadline {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn at(path: String, segment: Segment, options: Options) -> Reader {
        let rings = segment
            .rings
            .iter()
            .map(|&place| RingReader::new(place, &segment.mapping, None, options.from_start))
            .collect();
        Reader {
            options,
            path,
            segment,
            successor: None,
            rings,
            turn: 0,
            lost_before: 0,
            restarts: 0,
            next_check_ns: 0,
            dead: false,
            why_not: None,
        }
    }

    /// The next record of any ring. Never waits.
    pub fn poll(&mut self, record: &mut Record) -> Poll {
        let mut over = false;
        loop {
            match self.poll_rings(record) {
                RingPoll::Ok => return Poll::Record,
                RingPoll::Lapped => return Poll::Lapped,
                RingPoll::Empty => {}
            }
            // The end, or a successor, had been seen before the rings were drained: this was all.
            if let Some(successor) = self.successor.take() {
                self.follow(successor);
                return Poll::Restarted;
            }
            if over {
                self.dead = true;
                return Poll::Dead;
            }
            let now = monotonic_ns();
            if now < self.next_check_ns {
                return if self.dead { Poll::Dead } else { Poll::Empty };
            }
            self.next_check_ns = now + nanoseconds(self.options.check_every);
            if self.look_for_successor() {
                continue;
            }
            if self.is_alive() {
                self.dead = false;
                return Poll::Empty;
            }
            over = true;
        }
    }

    /// Waits for the next record, through losses and restarts; false once the publisher is dead.
    pub fn next(&mut self, record: &mut Record) -> bool {
        loop {
            match self.poll(record) {
                Poll::Record => return true,
                Poll::Dead => return false,
                Poll::Empty => std::thread::sleep(Duration::from_micros(50)),
                Poll::Lapped | Poll::Restarted => {}
            }
        }
    }

    /// Records that were published since the reader attached and are not delivered, over all rings and
    /// restarts, those included that came and went unseen.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.rings.iter().map(|ring| ring.lost).sum::<u64>()
    }

    /// Published and not read yet.
    pub fn lag(&self) -> u64 {
        self.rings.iter().map(|ring| ring.lag(&self.segment.mapping)).sum()
    }

    /// Followed so far.
    pub fn restarts(&self) -> u64 {
        self.restarts
    }

    pub fn is_alive(&self) -> bool {
        self.segment.is_alive(nanoseconds(self.options.dead_after))
    }

    /// After `Poll::Dead`: why there is no successor.
    pub fn why_not(&self) -> Option<&AttachError> {
        self.why_not.as_ref()
    }

    /// New with every publisher.
    pub fn generation(&self) -> u64 {
        self.segment.generation
    }

    /// Of the daemon.
    pub fn version(&self) -> &str {
        &self.segment.version
    }

    pub fn instruments(&self) -> &[Instrument] {
        &self.segment.instruments
    }

    pub fn columns(&self) -> &[Column] {
        &self.segment.columns
    }

    /// Label and value.
    pub fn counters(&self) -> Vec<(String, u64)> {
        self.segment.counters()
    }

    /// By the venue's own symbol or the normalised name; an empty venue means any.
    pub fn find(&self, venue: &str, symbol: &str) -> Option<usize> {
        self.segment.instruments.iter().position(|one| {
            (venue.is_empty() || one.venue == venue)
                && (one.symbol == symbol || one.name == symbol)
        })
    }

    /// Its place among the columns of a state.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.segment.columns.iter().position(|one| one.name == name)
    }

    /// Its place among the values of a record; None: there is none, or only in states.
    pub fn headline(&self, name: &str) -> Option<usize> {
        self.column(name).and_then(|at| self.segment.columns[at].headline)
    }

    /// The latest of an instrument. Never waits. None: nothing was published of it yet.
    pub fn latest(&self, instrument: usize) -> Option<State> {
        self.segment.state(instrument)
    }

    fn poll_rings(&mut self, record: &mut Record) -> RingPoll {
        for _ in 0..self.rings.len() {
            self.turn = (self.turn + 1) % self.rings.len();
            let ring = &mut self.rings[self.turn];
            let polled = ring.poll(&self.segment.mapping, record, self.segment.values);
            if polled != RingPoll::Empty {
                return polled;
            }
        }
        RingPoll::Empty
    }

    /// Does the name lead to another segment than ours? One that cannot be read is not followed.
    fn look_for_successor(&mut self) -> bool {
        if let Ok(status) = std::fs::metadata(&self.path) {
            if status.ino() == self.segment.inode {
                self.why_not = None;
                return false;
            }
        }
        match Segment::open(&self.path) {
            Ok(segment) => {
                self.why_not = None;
                self.successor = Some(segment);
                true
            }
            Err(error) => {
                self.why_not = Some(error);
                false
            }
        }
    }

    /// Goes on with the very first record of a successor, so that none is missed.
    fn follow(&mut self, successor: Segment) {
        let seen = self.segment.records_before
            + self.rings.iter().map(RingReader::position).sum::<u64>();
        self.lost_before = self.lost() + successor.records_before.saturating_sub(seen);
        self.rings = successor
            .rings
            .iter()
            .map(|&place| RingReader::new(place, &successor.mapping, Some(0), false))
            .collect();
        self.segment = successor;
        self.restarts += 1;
        self.turn = 0;
        self.dead = false;
        self.next_check_ns = 0;
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2)
}
