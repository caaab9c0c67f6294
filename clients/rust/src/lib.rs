//! Order-book signals of a steelyard daemon, read from shared memory.
//!
//! ```no_run
//! use steelyard::{Options, Poll, Reader, Record};
//!
//! let mut feed = Reader::wait_for("demo", Options::default(), std::time::Duration::from_secs(10))?;
//! let imbalance = feed.headline("pbi_10bp").expect("a headline column");
//! let mut record = Record::default();
//! loop {
//!     match feed.poll(&mut record) {
//!         Poll::Record if record.tick.is_live() => println!("{}", record.values[imbalance]),
//!         Poll::Dead => break,
//!         Poll::Empty => std::thread::sleep(std::time::Duration::from_micros(50)),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), steelyard::AttachError>(())
//! ```
//!
//! A reader is read-only: whatever it does delays nobody. It never blocks and takes no lock. What it
//! misses is counted exactly; the restart and the death of the daemon are told.

#[cfg(not(all(target_os = "linux", target_pointer_width = "64", target_endian = "little")))]
compile_error!("the segment is read on Linux with 64 bits, little-endian");

mod error;
mod layout;
mod reader;
mod record;
mod ring;
mod segment;
mod system;

pub use error::{AttachError, Refusal};
pub use reader::{Options, Poll, Reader};
pub use record::{validity, Level, Record, State, Tick};
pub use segment::{
    Column, Instrument, InstrumentKind, PROOF_CHECKSUM, PROOF_COUNT, PROOF_IDS, PROOF_NONE,
    PROOF_WHOLE,
};
