use std::fmt;

/// Why a segment is not read. Only the first three are cured by waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing has that name: no daemon, another instance, another directory.
    Missing,
    /// Being filled by its publisher.
    NotReady,
    /// Whole, and its publisher is dead or has stopped; said by `Reader::wait_for` only.
    Dead,
    /// Needs the group of the segment, or another mode.
    NoPermission,
    /// Of a layout that this crate does not know.
    OtherVersion,
    /// No segment, cut off, or inconsistent.
    Damaged,
    /// The system refused something else.
    System,
}

/// Why there is nothing to read, as a value and in words.
#[derive(Clone, Debug)]
pub struct AttachError {
    pub refusal: Refusal,
    text: String,
}

impl AttachError {
    pub(crate) fn new(refusal: Refusal, text: impl Into<String>) -> Self {
        AttachError { refusal, text: text.into() }
    }
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for AttachError {}
