//! What the standard library has no name for: a read-only shared mapping, and CLOCK_MONOTONIC.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::unix::io::AsRawFd;
use std::sync::atomic::{AtomicU32, AtomicU64};

const PROT_READ: i32 = 1;
const MAP_SHARED: i32 = 1;
const CLOCK_MONOTONIC: i32 = 1;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn mmap(at: *mut c_void, bytes: usize, protection: i32, flags: i32, file: i32, offset: i64)
        -> *mut c_void;
    fn munmap(at: *mut c_void, bytes: usize) -> i32;
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

pub fn monotonic_ns() -> i64 {
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: `now` is a timespec as the C library of 64-bit Linux has it.
    unsafe { clock_gettime(CLOCK_MONOTONIC, &mut now) };
    now.seconds * 1_000_000_000 + now.nanoseconds
}

/// A file mapped read-only. Offsets that are handed in were checked to lie within it.
pub struct Mapping {
    base: *const u8,
    bytes: usize,
}

// SAFETY: nothing in it changes but the memory behind it, which is read through atomics.
unsafe impl Send for Mapping {}

impl Mapping {
    pub fn of(file: &File, bytes: usize) -> io::Result<Mapping> {
        // SAFETY: a new mapping at an address that the system chooses; checked below.
        let base = unsafe {
            mmap(std::ptr::null_mut(), bytes, PROT_READ, MAP_SHARED, file.as_raw_fd(), 0)
        };
        if base as isize == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(Mapping { base: base as *const u8, bytes })
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn u64_at(&self, at: usize) -> &AtomicU64 {
        &self.words(at, 1)[0]
    }

    pub fn u32_at(&self, at: usize) -> &AtomicU32 {
        assert!(at % 4 == 0 && at + 4 <= self.bytes);
        // SAFETY: aligned and within the mapping, which lives as long as `self`; the publisher writes
        // atomically.
        unsafe { &*(self.base.add(at) as *const AtomicU32) }
    }

    pub fn words(&self, at: usize, count: usize) -> &[AtomicU64] {
        assert!(at % 8 == 0 && count <= self.bytes / 8 && at <= self.bytes - 8 * count);
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(self.base.add(at) as *const AtomicU64, count) }
    }

    /// A copy of what is written once, before the segment is there.
    pub fn copy(&self, at: usize, count: usize) -> Vec<u8> {
        assert!(count <= self.bytes && at <= self.bytes - count);
        // SAFETY: within the mapping.
        unsafe { std::slice::from_raw_parts(self.base.add(at), count) }.to_vec()
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `of`, and nobody has a reference any more.
        unsafe { munmap(self.base as *mut c_void, self.bytes) };
    }
}
