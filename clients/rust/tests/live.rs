//! The reader against a live segment. $STEELYARD_TEST_PUBLISHER is the publisher that obeys; each
//! test has an instance of its own. Run by ctest, or: cargo test

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Once;
use std::time::Duration;

use steelyard::{Options, Poll, Reader, Record, Refusal};

static FOLDER: Once = Once::new();

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    FOLDER.call_once(|| {
        fs::create_dir_all(&folder).unwrap();
        std::env::set_var("STEELYARD_SHM_DIR", &folder);
    });
    folder
}

struct Publisher {
    instance: String,
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Publisher {
    fn new(instance: &str) -> Publisher {
        let binary = std::env::var("STEELYARD_TEST_PUBLISHER")
            .expect("$STEELYARD_TEST_PUBLISHER names the test publisher");
        let mut child = Command::new(binary)
            .arg(instance)
            .env("STEELYARD_SHM_DIR", folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Publisher { instance: instance.into(), child, commands, answers }
    }
    fn started(instance: &str) -> Publisher {
        let mut publisher = Publisher::new(instance);
        publisher.tell("start");
        publisher
    }
    fn ask(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
    }
    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().into()
    }
    fn tell(&mut self, command: &str) {
        self.ask(command);
        assert_ne!(self.answer(), "", "the publisher ended at {command}");
    }
    fn die(&mut self) {
        self.die_by("die");
    }
    fn die_by(&mut self, how: &str) {
        self.ask(how);
        self.child.wait().unwrap();
    }
    fn path(&self) -> PathBuf {
        folder().join(format!("steelyard.{}", self.instance))
    }
    fn patch(&self, at: u64, bytes: &[u8]) {
        let file = fs::OpenOptions::new().write(true).open(self.path()).unwrap();
        file.write_all_at(bytes, at).unwrap();
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(self.path());
        let _ = fs::remove_file(format!("{}.lock", self.path().display()));
    }
}

/// Looks round at every poll: what it notices does not depend on time.
fn at_once() -> Options {
    Options {
        dead_after: Duration::from_secs(3600),
        check_every: Duration::ZERO,
        ..Options::default()
    }
}

/// The numbers of the records that come, and what ended them.
fn drain(reader: &mut Reader) -> (Vec<u64>, Poll) {
    let mut record = Record::default();
    let mut numbers = Vec::new();
    loop {
        match reader.poll(&mut record) {
            Poll::Record => numbers.push(record.tick.book_sequence),
            Poll::Lapped => {}
            other => return (numbers, other),
        }
    }
}

fn refusal(instance: &str) -> (Refusal, String) {
    let error = Reader::attach(instance, at_once()).err().expect("refused");
    (error.refusal, error.to_string())
}

#[test]
fn every_refusal_is_told_apart_and_in_words() {
    folder();
    let (why, text) = refusal("none");
    assert_eq!(why, Refusal::Missing);
    assert!(text.contains("steelyard.none: No such file"), "{text}");

    let damage: [(&str, Refusal, &str, fn(&Publisher)); 7] = [
        ("version", Refusal::OtherVersion, "layout 2, this reader knows 1",
         |p| p.patch(8, &[0, 0, 2, 0])),
        ("unready", Refusal::NotReady, "not ready", |p| p.patch(8, &[0; 4])),
        ("foreign", Refusal::Damaged, "not a steelyard segment", |p| p.patch(0, b"whatever")),
        ("outside", Refusal::Damaged, "outside",
         |p| p.patch(64 + 5 * 24 + 8, &(1u64 << 40).to_le_bytes())),
        ("cut", Refusal::Damaged, "cut off", |p| {
            let copy = fs::read(p.path()).unwrap();
            fs::remove_file(p.path()).unwrap();
            fs::write(p.path(), &copy[..copy.len() - 4096]).unwrap();
        }),
        ("empty", Refusal::Damaged, "too short", |p| {
            fs::remove_file(p.path()).unwrap();
            fs::write(p.path(), b"").unwrap();
        }),
        ("forbidden", Refusal::NoPermission, "Permission denied",
         |p| fs::set_permissions(p.path(), fs::Permissions::from_mode(0)).unwrap()),
    ];
    for (name, expected, words, do_damage) in damage {
        let publisher = Publisher::started(name);
        do_damage(&publisher);
        if expected == Refusal::NoPermission && fs::File::open(publisher.path()).is_ok() {
            continue; // file modes do not apply to root: tests/run.py gives that up
        }
        let (why, text) = refusal(name);
        assert_eq!(why, expected, "{text}");
        assert!(text.contains(words), "{text}");
        // An end to all waiting, and none at all for what it does not cure.
        let hopeless = matches!(why, Refusal::NoPermission | Refusal::OtherVersion);
        let timeout = if hopeless { Duration::from_secs(3600) } else { Duration::ZERO };
        assert_eq!(Reader::wait_for(name, at_once(), timeout).err().unwrap().refusal, expected);
    }
}

#[test]
fn a_segment_that_is_being_rewritten_is_whole_or_not_there() {
    let mut publisher = Publisher::started("rewritten");
    let mut whole = 0;
    for _ in 0..100 {
        publisher.ask("start");
        for _ in 0..10 {
            match Reader::attach("rewritten", at_once()) {
                Ok(reader) => whole += usize::from(reader.instruments().len() == 2),
                Err(error) => assert_eq!(error.refusal, Refusal::Missing, "{error}"),
            }
        }
        publisher.answer();
    }
    assert!(whole > 0);
}

#[test]
fn a_publisher_that_dies_in_the_middle_of_a_record_leaves_no_half_of_it() {
    let mut publisher = Publisher::started("halfway");
    let options = Options { dead_after: Duration::from_millis(50), ..at_once() };
    let mut reader = Reader::attach("halfway", options.clone()).unwrap();
    publisher.tell("publish 3");
    assert!(reader.latest(0).is_some());
    publisher.die_by("die_halfway");
    let (mut numbers, mut end) = drain(&mut reader);
    while end == Poll::Empty {
        let more = drain(&mut reader);
        numbers.extend(more.0);
        end = more.1;
    }
    assert_eq!((numbers, end), (vec![0, 1, 2], Poll::Dead));
    assert!(reader.latest(0).is_none());
    assert!(reader.latest(1).is_some(), "the other row is whole");
    let mut late = Reader::attach("halfway", options).unwrap();
    assert_eq!((late.is_alive(), drain(&mut late).1), (false, Poll::Dead));
}

#[test]
fn records_come_whole_with_values_and_names() {
    let mut publisher = Publisher::started("whole");
    let mut reader = Reader::attach("whole", at_once()).unwrap();
    publisher.tell("publish 2");
    let mut record = Record::default();
    assert_eq!(reader.poll(&mut record), Poll::Record);
    assert_eq!(reader.poll(&mut record), Poll::Record);
    assert_eq!(reader.poll(&mut Record::default()), Poll::Empty);
    let tick = record.tick;
    assert_eq!((tick.book_sequence, tick.best_bid, tick.ask_qty, tick.event), (1, 4, 7, 1));
    assert_eq!((tick.bid(), tick.ask(), tick.qty(tick.bid_qty)), (0.04, 0.05, 0.006));
    assert!(tick.is_live());
    assert_eq!(record.values, [1.0, 1.5, 1.25, 1.125, 1.75, 1.875]);
    assert_eq!(record.values[reader.headline("regime").unwrap()], 1.75);
    assert_eq!(reader.headline("extra"), None);
    assert_eq!(reader.instruments()[tick.instrument as usize].symbol, "BBBUSDT");
    assert_eq!(reader.instruments()[0].proof, steelyard::PROOF_IDS | steelyard::PROOF_CHECKSUM);
    assert_eq!(reader.instruments()[1].proof, steelyard::PROOF_NONE);
    assert_eq!(reader.find("binance-spot", "BBB-USDT"), Some(1));
    assert_eq!(reader.find("okx", "BBB-USDT"), None);
    assert_eq!(reader.counters()[0], ("frames".into(), 42));
    publisher.tell("record 0 2 1 1 1 1 1 1");
    assert_eq!(reader.poll(&mut record), Poll::Record);
    assert!(!record.tick.is_live());
}

#[test]
fn the_latest_state_has_every_column_and_the_levels() {
    let mut publisher = Publisher::started("latest");
    let reader = Reader::attach("latest", at_once()).unwrap();
    assert!(reader.latest(1).is_none());
    publisher.tell("publish 4");
    let state = reader.latest(1).unwrap();
    assert_eq!(state.columns[reader.column("extra").unwrap()], 3.0625);
    assert_eq!((state.bids.len(), state.asks.len()), (2, 1));
    assert_eq!((state.bids[0].price, state.bids[1].price, state.asks[0].qty), (6, 5, 9));
    assert!(reader.latest(2).is_none());
    // Its writer died in the middle: no waiting for it.
    let states = u64::from_le_bytes(
        fs::read(publisher.path()).unwrap()[64 + 2 * 24 + 8..][..8].try_into().unwrap());
    publisher.patch(states, &[7]);
    assert!(reader.latest(0).is_none());
}

#[test]
fn loss_is_counted_exactly() {
    let mut publisher = Publisher::new("loss");
    publisher.tell("start 2");
    let mut reader = Reader::attach("loss", at_once()).unwrap();
    publisher.tell("publish 300 0");
    publisher.tell("publish 10 1");
    assert_eq!(reader.lag(), 310);
    let (numbers, end) = drain(&mut reader);
    assert_eq!(end, Poll::Empty);
    assert_eq!(numbers.len() as u64 + reader.lost(), 310);
    assert_eq!(reader.lost(), 300 - 32);
}

#[test]
fn records_of_a_publisher_in_full_flight_are_whole_or_counted_as_lost() {
    let mut publisher = Publisher::new("flight");
    publisher.tell("start 1 256");
    let mut reader = Reader::attach("flight", at_once()).unwrap();
    publisher.ask("run 1000000 0.3");
    let mut record = Record::default();
    let mut delivered = 0;
    while delivered + reader.lost() < 300_000 {
        if reader.poll(&mut record) == Poll::Record {
            let number = record.tick.book_sequence as f64;
            assert_eq!((record.values[0], record.values[5]), (number, number + 0.875));
            assert_eq!(record.tick.ask_qty as f64, number + 6.0);
            delivered += 1;
        }
    }
    assert_eq!(publisher.answer(), "published 300000");
}

#[test]
fn restarts_are_followed_and_what_came_unseen_is_counted() {
    let mut publisher = Publisher::started("restart");
    let mut reader = Reader::attach("restart", at_once()).unwrap();
    publisher.tell("publish 5");
    let generation = reader.generation();
    publisher.tell("start 2");
    publisher.tell("publish 3");
    assert_eq!(drain(&mut reader), (vec![0, 1, 2, 3, 4], Poll::Restarted));
    assert_eq!(drain(&mut reader), (vec![0, 1, 2], Poll::Empty));
    assert_ne!(reader.generation(), generation);
    for unseen in [3, 200] {
        publisher.tell("start");
        publisher.tell(&format!("publish {unseen}"));
    }
    publisher.tell("start");
    assert_eq!(drain(&mut reader).1, Poll::Restarted);
    assert_eq!((reader.restarts(), reader.lost()), (2, 203));
}

#[test]
fn death_is_told_after_the_last_record_and_is_not_the_end() {
    let mut publisher = Publisher::started("death");
    let options = Options { dead_after: Duration::from_millis(50), ..at_once() };
    let mut reader = Reader::attach("death", options.clone()).unwrap();
    publisher.tell("publish 3");
    publisher.die();
    let (mut numbers, mut end) = drain(&mut reader);
    while end == Poll::Empty {
        let more = drain(&mut reader);
        numbers.extend(more.0);
        end = more.1;
    }
    assert_eq!((numbers, end), (vec![0, 1, 2], Poll::Dead));
    assert!(!reader.is_alive());
    assert!(!reader.next(&mut Record::default()));
    let waited = Reader::wait_for("death", options, Duration::ZERO);
    assert_eq!(waited.err().unwrap().refusal, Refusal::Dead);

    let mut successor = Publisher::started("death");
    successor.tell("publish 4");
    assert_eq!(drain(&mut reader).1, Poll::Restarted);
    assert_eq!(drain(&mut reader).0, [0, 1, 2, 3]);
    assert_eq!(reader.lost(), 0);
    drop(publisher);
}

#[test]
fn why_a_successor_is_not_followed_is_said() {
    let mut publisher = Publisher::started("upgrade");
    let mut reader = Reader::attach("upgrade", at_once()).unwrap();
    publisher.tell("stop");
    publisher.tell("start");
    publisher.patch(8, &[0, 0, 2, 0]);
    assert_eq!(drain(&mut reader).1, Poll::Dead);
    assert_eq!(reader.why_not().unwrap().refusal, Refusal::OtherVersion);
}

#[test]
fn a_file_that_is_no_segment_leads_nobody_astray() {
    let mut publisher = Publisher::started("junk");
    let mut reader = Reader::attach("junk", at_once()).unwrap();
    fs::write(folder().join("junk"), b"junk").unwrap();
    fs::rename(folder().join("junk"), publisher.path()).unwrap();
    publisher.tell("publish 2");
    assert_eq!(drain(&mut reader), (vec![0, 1], Poll::Empty));
}
