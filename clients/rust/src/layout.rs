//! The segment byte by byte, as docs/shared-memory.md describes it.

pub const MAGIC: u64 = 0x3144_5259_4c45_5453; // "STELYRD1"
pub const MAJOR: u32 = 1;
pub const HEADER_BYTES: u64 = 448;

pub const READY_VERSION_AT: usize = 8;
pub const HEADER_BYTES_AT: usize = 12;
pub const GENERATION_AT: usize = 16;
pub const FILE_BYTES_AT: usize = 24;
pub const HEARTBEAT_AT: usize = 48;
pub const STATE_AT: usize = 56;
pub const REGIONS_AT: usize = 64;
pub const REGION_BYTES: usize = 24;
pub const VERSION_AT: usize = 208;
pub const RECORDS_BEFORE_AT: usize = 256;
pub const RUNNING: u32 = 1;

/// In the order of the header's table; the first is of kind 1.
pub const INSTRUMENTS: usize = 0;
pub const COLUMNS: usize = 1;
pub const STATES: usize = 2;
pub const COUNTERS: usize = 3;
pub const RINGS: usize = 5;
pub const REGIONS: usize = 6;
/// The least distance of two elements, by region.
pub const LEAST_STRIDE: [u64; REGIONS] = [192, 256, 92 * 8, 128, 5184, 128];

pub const TICK_WORDS: usize = 10;
pub const SLOT_VALUES_AT: usize = 1 + TICK_WORDS; // in words, behind the stamp and the tick
pub const ROW_COUNTS_AT: usize = 11;
pub const ROW_LEVELS_AT: usize = 12;
pub const ROW_VALUES_AT: usize = 92;
pub const VIEW_LEVELS: usize = 20;

pub const RING_PUBLISHED_AT: usize = 64;
pub const RING_SLOTS_AT: usize = 128;
