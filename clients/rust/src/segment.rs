//! A segment mapped read-only, and believed only after checks.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::error::{AttachError, Refusal};
use crate::layout::*;
use crate::record::{Level, State, Tick};
use crate::system::{monotonic_ns, Mapping};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstrumentKind {
    Spot,
    Linear,
    Inverse,
    Quanto,
    Option,
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Instrument {
    pub venue: String,
    /// The venue's own.
    pub symbol: String,
    /// Normalised: BTC-USDT, BTC-USDT-PERP.
    pub name: String,
    pub channel: String,
    /// Inverse contracts: quote units a contract; else 0.
    pub contract_size: f64,
    pub shard: u32,
    pub kind: InstrumentKind,
    /// At start; a tick carries its own.
    pub price_exponent: i8,
    pub qty_exponent: i8,
    /// What would tell that a change of the book was lost, PROOF_ bits; 0: the daemon is too old
    /// to say.
    pub proof: u8,
}

/// Ids that name or follow each other.
pub const PROOF_IDS: u8 = 1;
/// A checksum over the best levels.
pub const PROOF_CHECKSUM: u8 = 2;
/// The connection counts its messages.
pub const PROOF_COUNT: u8 = 4;
/// Each message is the whole book: a lost one is healed by the next.
pub const PROOF_WHOLE: u8 = 8;
/// Nothing would: the book is unproven.
pub const PROOF_NONE: u8 = 128;

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub unit: String,
    pub description: String,
    pub low: f64,
    pub high: f64,
    /// Its place among the values of a record; None: only in states.
    pub headline: Option<usize>,
}

#[derive(Clone, Copy, Default)]
struct Region {
    count: usize,
    offset: usize,
    stride: usize,
}

#[derive(Clone, Copy)]
pub struct RingPlace {
    pub published_at: usize,
    pub slots_at: usize,
    pub slot_words: usize,
    pub slot_count: u64,
}

pub struct Segment {
    pub mapping: Mapping,
    pub inode: u64,
    pub generation: u64,
    pub records_before: u64,
    pub version: String,
    pub instruments: Vec<Instrument>,
    pub columns: Vec<Column>,
    pub rings: Vec<RingPlace>,
    /// Headline columns in a slot.
    pub values: usize,
    regions: [Region; REGIONS],
}

/// Where the segment of an instance lies. STEELYARD_SHM_DIR overrides the directory.
pub fn segment_path(instance: &str) -> String {
    let directory = std::env::var("STEELYARD_SHM_DIR").unwrap_or_default();
    let directory = if directory.is_empty() { "/dev/shm" } else { &directory };
    format!("{directory}/steelyard.{instance}")
}

impl Segment {
    pub fn open(path: &str) -> Result<Segment, AttachError> {
        let refuse = |refusal, why: String| AttachError::new(refusal, format!("{path}: {why}"));
        let damaged = |why: String| refuse(Refusal::Damaged, why);
        let file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => refuse(Refusal::Missing, error.to_string()),
            ErrorKind::PermissionDenied => refuse(Refusal::NoPermission, error.to_string()),
            _ => refuse(Refusal::System, error.to_string()),
        })?;
        let status =
            file.metadata().map_err(|error| refuse(Refusal::System, error.to_string()))?;
        if status.len() < HEADER_BYTES {
            return Err(damaged(format!("{} bytes, too short for a header", status.len())));
        }
        let mapping = Mapping::of(&file, status.len() as usize)
            .map_err(|error| refuse(Refusal::System, format!("cannot be mapped: {error}")))?;

        if mapping.u64_at(0).load(Acquire) != MAGIC {
            return Err(damaged("not a steelyard segment".into()));
        }
        let ready = mapping.u32_at(READY_VERSION_AT).load(Acquire);
        if ready == 0 {
            return Err(refuse(Refusal::NotReady, "not ready yet".into()));
        }
        if ready >> 16 != MAJOR {
            let why = format!("layout {}, this reader knows {MAJOR}", ready >> 16);
            return Err(refuse(Refusal::OtherVersion, why));
        }
        let regions = check_regions(&mapping).map_err(damaged)?;
        let mut segment = Segment {
            inode: status.ino(),
            generation: mapping.u64_at(GENERATION_AT).load(Relaxed),
            records_before: mapping.u64_at(RECORDS_BEFORE_AT).load(Relaxed),
            version: text(&mapping.copy(VERSION_AT, 32)),
            instruments: Vec::new(),
            columns: Vec::new(),
            rings: Vec::new(),
            values: 0,
            regions,
            mapping,
        };
        segment.read_directories();
        segment.check_elements().map_err(damaged)?;
        Ok(segment)
    }

    fn elements(&self, region: usize) -> impl Iterator<Item = usize> {
        let of = self.regions[region];
        (0..of.count).map(move |i| of.offset + i * of.stride)
    }

    fn read_directories(&mut self) {
        let instruments = self.elements(INSTRUMENTS).map(|at| {
            let entry = self.mapping.copy(at, 192);
            Instrument {
                venue: text(&entry[..24]),
                symbol: text(&entry[24..88]),
                name: text(&entry[88..152]),
                channel: text(&entry[152..176]),
                contract_size: f64_in(&entry, 176),
                shard: u32_in(&entry, 184),
                kind: match entry[188] {
                    0 => InstrumentKind::Spot,
                    1 => InstrumentKind::Linear,
                    2 => InstrumentKind::Inverse,
                    3 => InstrumentKind::Quanto,
                    4 => InstrumentKind::Option,
                    _ => InstrumentKind::Unknown,
                },
                price_exponent: entry[189] as i8,
                qty_exponent: entry[190] as i8,
                proof: entry[191],
            }
        });
        let columns = self.elements(COLUMNS).map(|at| {
            let entry = self.mapping.copy(at, 256);
            Column {
                name: text(&entry[..40]),
                unit: text(&entry[40..56]),
                description: text(&entry[56..232]),
                low: f64_in(&entry, 232),
                high: f64_in(&entry, 240),
                headline: usize::try_from(u32_in(&entry, 248) as i32).ok(),
            }
        });
        let (instruments, columns) = (instruments.collect(), columns.collect());
        self.instruments = instruments;
        self.columns = columns;
    }

    fn check_elements(&mut self) -> Result<(), String> {
        let columns = self.columns.len();
        if self.regions[STATES].count != self.instruments.len() {
            return Err("as many state rows as instruments are needed".into());
        }
        if self.regions[STATES].stride < 8 * (ROW_VALUES_AT + columns) {
            return Err("its state rows cannot hold its columns".into());
        }
        for (i, at) in self.elements(RINGS).enumerate() {
            let head = self.mapping.copy(at, 12);
            let slot_words = u32_in(&head, 0) as usize;
            let slot_count = u32_in(&head, 4) as usize;
            let values = u32_in(&head, 8) as usize;
            if !slot_count.is_power_of_two() {
                return Err(format!("ring {i} has a slot count that is no power of two"));
            }
            if values > columns || slot_words < SLOT_VALUES_AT + values {
                return Err(format!("ring {i} has slots that cannot hold its values"));
            }
            if i > 0 && values != self.values {
                return Err(format!("ring {i} has other values than ring 0"));
            }
            let room = (self.regions[RINGS].stride - RING_SLOTS_AT) / 8;
            if slot_words > room / slot_count {
                return Err(format!("ring {i} lies outside"));
            }
            self.values = values;
            self.rings.push(RingPlace {
                published_at: at + RING_PUBLISHED_AT,
                slots_at: at + RING_SLOTS_AT,
                slot_words,
                slot_count: slot_count as u64,
            });
        }
        if self.columns.iter().any(|column| column.headline.map_or(false, |at| at >= self.values)) {
            return Err("a column has no place in the slot".into());
        }
        Ok(())
    }

    pub fn is_alive(&self, dead_after_ns: i64) -> bool {
        let beat = self.mapping.u64_at(HEARTBEAT_AT).load(Acquire) as i64;
        self.mapping.u32_at(STATE_AT).load(Acquire) == RUNNING
            && beat > monotonic_ns() - dead_after_ns
    }

    pub fn counters(&self) -> Vec<(String, u64)> {
        self.elements(COUNTERS)
            .map(|at| {
                let value = self.mapping.u64_at(at + 120).load(Relaxed);
                (text(&self.mapping.copy(at, 120)), value)
            })
            .collect()
    }

    /// A row that is whole; None if nothing was ever written, or its writer died in the middle.
    pub fn state(&self, instrument: usize) -> Option<State> {
        let row = self.elements(STATES).nth(instrument)?;
        let words = self.mapping.words(row, ROW_VALUES_AT + self.columns.len());
        let mut copy = vec![0u64; words.len()];
        for _ in 0..1000 {
            let stamp = words[0].load(Acquire);
            if stamp == 0 {
                return None;
            }
            if stamp & 1 == 1 {
                continue;
            }
            for (to, from) in copy.iter_mut().zip(words) {
                *to = from.load(Acquire);
            }
            if words[0].load(Relaxed) == stamp {
                return Some(state_of(&copy));
            }
        }
        None
    }
}

fn state_of(words: &[u64]) -> State {
    let mut head = [0u64; TICK_WORDS];
    head.copy_from_slice(&words[1..=TICK_WORDS]);
    let levels = |at: usize, count: u64| -> Vec<Level> {
        (0..(count as usize).min(VIEW_LEVELS))
            .map(|i| Level { price: words[at + 2 * i] as i64, qty: words[at + 2 * i + 1] as i64 })
            .collect()
    };
    State {
        tick: Tick::from_words(&head),
        bids: levels(ROW_LEVELS_AT, words[ROW_COUNTS_AT] & 0xffff_ffff),
        asks: levels(ROW_LEVELS_AT + 2 * VIEW_LEVELS, words[ROW_COUNTS_AT] >> 32),
        columns: words[ROW_VALUES_AT..].iter().map(|&word| f64::from_bits(word)).collect(),
    }
}

fn check_regions(mapping: &Mapping) -> Result<[Region; REGIONS], String> {
    let bytes = mapping.bytes() as u64;
    let header_bytes = u64::from(mapping.u32_at(HEADER_BYTES_AT).load(Relaxed));
    if header_bytes < HEADER_BYTES {
        return Err("its header is too short".into());
    }
    let file_bytes = mapping.u64_at(FILE_BYTES_AT).load(Relaxed);
    if file_bytes > bytes {
        return Err(format!("cut off: {bytes} of {file_bytes} bytes"));
    }
    let mut regions = [Region::default(); REGIONS];
    for (i, region) in regions.iter_mut().enumerate() {
        let name = format!("region {}", i + 1);
        let at = REGIONS_AT + i * REGION_BYTES;
        let count = u64::from(mapping.u32_at(at + 4).load(Relaxed));
        let offset = mapping.u64_at(at + 8).load(Relaxed);
        let stride = mapping.u64_at(at + 16).load(Relaxed);
        if mapping.u32_at(at).load(Relaxed) as usize != i + 1 {
            return Err(format!("{name} is of another kind"));
        }
        if offset % 64 != 0 || stride % 64 != 0 {
            return Err(format!("{name} is not aligned"));
        }
        if stride < LEAST_STRIDE[i] {
            return Err(format!("{name} has elements that are too small"));
        }
        let end = count.checked_mul(stride).and_then(|size| size.checked_add(offset));
        if offset < header_bytes || end.map_or(true, |end| end > bytes) {
            return Err(format!("{name} lies outside"));
        }
        *region =
            Region { count: count as usize, offset: offset as usize, stride: stride as usize };
    }
    Ok(regions)
}

/// A text field, whether or not it ends in a zero.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn u32_in(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn f64_in(bytes: &[u8], at: usize) -> f64 {
    f64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
