//! Prints live signals.
//!
//!     print_signals [INSTANCE [RECORDS [COLUMN...]]]      default: demo 20 pbi_10bp ofi_1000ms

use std::process::ExitCode;
use std::time::Duration;

use steelyard::{Options, Poll, Reader, Record};

/// Where each column is in a record, or which of them is not in records.
fn places(feed: &Reader, columns: &[String]) -> Result<Vec<usize>, String> {
    columns
        .iter()
        .map(|name| {
            feed.headline(name).ok_or_else(|| match feed.column(name) {
                Some(_) => format!("column {name} is only in states: see Reader::latest"),
                None => format!("there is no column {name}"),
            })
        })
        .collect()
}

fn run(instance: &str, records: u64, columns: &[String]) -> Result<(), String> {
    let mut feed = Reader::wait_for(instance, Options::default(), Duration::from_secs(10))
        .map_err(|error| error.to_string())?;
    let mut at = places(&feed, columns)?;
    println!("venue symbol verdict bid ask {}", columns.join(" "));
    let mut record = Record::default();
    let mut printed = 0;
    while printed < records {
        match feed.poll(&mut record) {
            Poll::Record => {
                let tick = &record.tick;
                let instrument = match feed.instruments().get(tick.instrument as usize) {
                    Some(instrument) => instrument,
                    None => continue,
                };
                let verdict = if tick.is_live() { "live" } else { "doubtful" };
                print!("{:14} {:16} {verdict:8} {} {}", instrument.venue, instrument.symbol,
                       tick.bid(), tick.ask());
                for &place in &at {
                    print!(" {:.4}", record.values[place]);
                }
                println!();
                printed += 1;
            }
            Poll::Empty => std::thread::sleep(Duration::from_micros(50)),
            Poll::Lapped => eprintln!("print_signals: {} records lost so far", feed.lost()),
            Poll::Restarted => at = places(&feed, columns)?,
            Poll::Dead => return Err("the publisher ended".into()),
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let instance = arguments.first().map_or("demo", String::as_str);
    let records = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    let columns = if arguments.len() > 2 {
        arguments[2..].to_vec()
    } else {
        vec!["pbi_10bp".into(), "ofi_1000ms".into()]
    };
    match run(instance, records, &columns) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("print_signals: {reason}");
            ExitCode::FAILURE
        }
    }
}
