use crate::layout::TICK_WORDS;

/// Bits of `Tick::validity`. A book is live without any of them, or with `SHALLOW` alone.
pub mod validity {
    pub const SYNCING: u32 = 1;
    pub const GAP: u32 = 2;
    pub const STALE: u32 = 4;
    pub const CROSSED: u32 = 8;
    pub const SHALLOW: u32 = 16;
    pub const LINK_DOWN: u32 = 32;
    pub const BAD_CHECKSUM: u32 = 64;
    pub const OVERRUN: u32 = 128;
    pub const BAD_FRAME: u32 = 256;
    pub const DIVERGED: u32 = 512;
}

/// The head of every record and state. Prices and sizes are mantissas: see `price` and `qty`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// The venue's id of the book's state.
    pub book_sequence: u64,
    /// ns UTC as stamped by the venue; 0: it stamps nothing.
    pub venue_time: i64,
    /// ns UTC; the kernel's receive time where there is one.
    pub received: i64,
    /// ns UTC; 0 where nobody looked at the clock.
    pub published: i64,
    /// Meaningless if `bid_qty` is 0: there is no bid.
    pub best_bid: i64,
    pub best_ask: i64,
    pub bid_qty: i64,
    pub ask_qty: i64,
    /// Index into `Reader::instruments`.
    pub instrument: u32,
    pub validity: u32,
    /// 0 snapshot, 1 delta, 2 trade, 3 liquidation, 4 reset, 5 timer.
    pub event: u8,
    /// 0 no book, 1 ok, 2 bid only, 3 ask only, 4 empty, 5 locked, 6 crossed.
    pub status: u8,
    pub price_exponent: i8,
    pub qty_exponent: i8,
}

impl Tick {
    pub(crate) fn from_words(words: &[u64; TICK_WORDS]) -> Tick {
        let kinds = words[9].to_le_bytes();
        Tick {
            book_sequence: words[0],
            venue_time: words[1] as i64,
            received: words[2] as i64,
            published: words[3] as i64,
            best_bid: words[4] as i64,
            best_ask: words[5] as i64,
            bid_qty: words[6] as i64,
            ask_qty: words[7] as i64,
            instrument: words[8] as u32,
            validity: (words[8] >> 32) as u32,
            event: kinds[0],
            status: kinds[1],
            price_exponent: kinds[2] as i8,
            qty_exponent: kinds[3] as i8,
        }
    }

    /// The book is in step with its venue. It may still be shallow.
    pub fn is_live(&self) -> bool {
        self.validity & !validity::SHALLOW == 0
    }

    /// NaN if there is none.
    pub fn bid(&self) -> f64 {
        if self.bid_qty == 0 { f64::NAN } else { self.price(self.best_bid) }
    }

    /// NaN if there is none.
    pub fn ask(&self) -> f64 {
        if self.ask_qty == 0 { f64::NAN } else { self.price(self.best_ask) }
    }

    pub fn price(&self, mantissa: i64) -> f64 {
        to_f64(mantissa, self.price_exponent)
    }

    /// In base units; of inverse contracts: contracts.
    pub fn qty(&self, mantissa: i64) -> f64 {
        to_f64(mantissa, self.qty_exponent)
    }
}

fn to_f64(mantissa: i64, exponent: i8) -> f64 {
    let mut power = 1.0;
    for _ in 0..exponent.unsigned_abs().min(40) {
        power *= 10.0;
    }
    if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power }
}

/// One record of the ring. Reused from poll to poll, it allocates once.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub tick: Tick,
    /// The headline columns: `Reader::headline` has the place of each. NaN where undefined.
    pub values: Vec<f64>,
}

/// Mantissas at the tick's exponents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    pub price: i64,
    pub qty: i64,
}

/// The latest of an instrument.
#[derive(Clone, Debug)]
pub struct State {
    pub tick: Tick,
    /// Best first, at most 20.
    pub bids: Vec<Level>,
    pub asks: Vec<Level>,
    /// Every column in the order of `Reader::columns`; NaN where undefined.
    pub columns: Vec<f64>,
}
