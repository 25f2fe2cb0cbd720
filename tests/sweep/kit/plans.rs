//! Every fault that can befall one exchange, numbered.

use std::collections::BTreeMap;
use std::time::Duration;

use ftp_modem::emulator::{Damage, Direction, Fate, Fault, Number, PayloadChange, Plan, ServerFault};

/// What an exchange looks like when nothing goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Bytes to the module and from it.
    pub input: u64,
    pub output: u64,
    /// What the module says.
    pub heard: Vec<u8>,
}

/// All the plans of one fault each for an exchange.
pub struct Plans {
    trace: Trace,
    /// What happens to each byte.
    damages: Vec<Damage>,
    /// The faults that strike no single byte.
    others: Vec<Fault>,
}

impl Plans {
    pub fn of(trace: &Trace) -> Self {
        let mut others = of_lines(&trace.heard);
        others.extend(of_payload());
        others.extend(of_server());
        others.extend([2, 70, 400].map(|seconds| Fault::Slow(Duration::from_secs(seconds))));
        Plans { trace: trace.clone(), damages: damages(), others }
    }

    /// The plans of this damage alone.
    pub fn of_damage(trace: &Trace, damage: &Damage) -> Self {
        Plans { trace: trace.clone(), damages: vec![damage.clone()], others: Vec::new() }
    }

    fn at_bytes(&self) -> usize {
        (self.trace.input + self.trace.output) as usize * self.damages.len()
    }

    pub fn count(&self) -> usize {
        self.at_bytes() + self.others.len()
    }

    /// How many of them strike no single byte; they are the last ones.
    pub fn others(&self) -> usize {
        self.others.len()
    }

    /// Plan `index`, counted from 0.
    pub fn plan(&self, index: usize) -> Plan {
        if let Some(index) = index.checked_sub(self.at_bytes()) {
            return self.others[index].clone().into();
        }
        let damage = self.damages[index % self.damages.len()].clone();
        let place = (index / self.damages.len()) as u64;
        let (direction, at) = match place.checked_sub(self.trace.input) {
            None => (Direction::Input, place),
            Some(at) => (Direction::Output, at),
        };
        Fault::Byte { direction, at, damage }.into()
    }
}

/// Everything that can happen at a byte.
fn damages() -> Vec<Damage> {
    let mut damages = vec![Damage::Delete, Damage::Duplicate];
    damages.extend((0..8).map(Damage::Flip));
    let inserted: [&[u8]; 9] = [
        b"\r\n+CREG: 1\r\n",
        b"\r\nRING\r\n",
        b"\r\nOK\r\n",
        b"\r\nERROR\r\n",
        b"\x00\xfe~#\x1b",
        b"\r\n",
        b"\r",
        b"\n",
        // As many as a line end has: where data end in one, they push it out.
        b"xy",
    ];
    damages.extend(inserted.map(|bytes| Damage::Insert(bytes.to_vec())));
    damages.extend([
        Damage::Stall(Some(Duration::from_secs(2))),
        Damage::Stall(None),
        Damage::Drip(Duration::from_millis(20)),
        Damage::HangUp,
        Damage::Restart,
        Damage::DataMode,
        // As many as a line end has.
        Damage::Lose(2),
        Damage::Repeat(2),
        // More than a line has.
        Damage::Lose(64),
        Damage::Repeat(64),
        Damage::Exchange,
    ]);
    damages
}

/// Everything that can happen to a line.
fn fates() -> Vec<Fate> {
    let mut fates = vec![
        Fate::Lose,
        Fate::Delay(Duration::from_secs(2)),
        Fate::Delay(Duration::from_secs(100)),
        Fate::Repeat(1),
        Fate::Swap,
    ];
    fates.extend(numbers().map(Fate::Number));
    fates
}

fn numbers() -> impl Iterator<Item = Number> {
    let texts = ["-1", "0", "99999999999", "18446744073709551617", ""];
    [Number::More(1), Number::Fewer(1)].into_iter().chain(texts.map(|text| Number::Text(text.to_owned())))
}

/// Faults of every line that the module says, and of those with data behind them.
fn of_lines(heard: &[u8]) -> Vec<Fault> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in heard.split(|byte| matches!(byte, b'\r' | b'\n')) {
        // The name of a line is what it begins with; a fault of `+CREG` must not strike `+CREG: 1` only.
        let name: Vec<u8> = line.iter().copied().take_while(|byte| *byte != b':').take(20).collect();
        let Ok(name) = String::from_utf8(name) else { continue };
        if name.is_empty() || !name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            continue;
        }
        let nth = counts.entry(name.clone()).or_default();
        // Of lines that come over and over the first ones are enough.
        if *nth < 4 {
            faults.extend(fates().into_iter().map(|fate| Fault::Line { prefix: name.clone(), nth: *nth, fate }));
        }
        *nth += 1;
    }
    for nth in 0..3 {
        faults.extend(numbers().map(|number| Fault::Head { prefix: String::new(), nth, fate: Fate::Number(number) }));
    }
    faults
}

fn of_payload() -> Vec<Fault> {
    let mut faults = Vec::new();
    for nth in 0..3 {
        let shortened = [1, 2, 17, 1000].map(PayloadChange::Shorten);
        let extensions: [&[u8]; 4] = [b"x", b"\r\n", b"\r\nOK\r\n", &[0; 300]];
        let extended = extensions.map(|bytes| PayloadChange::Extend(bytes.to_vec()));
        faults.extend(shortened.into_iter().chain(extended).map(|change| Fault::Payload { nth, change }));
    }
    faults
}

fn of_server() -> Vec<Fault> {
    let mut faults = Vec::new();
    for after in 0..6 {
        faults.push(ServerFault::Drop { after });
        faults.push(ServerFault::Unavailable { after });
    }
    faults.extend([0, 1].map(|after| ServerFault::RefuseData { after }));
    faults.extend([0, 1, 100, 599, 600, 2048].map(|after| ServerFault::Abort { after }));
    faults.extend([1, 100, 600, 5000].map(|by| ServerFault::Short { by }));
    faults.push(ServerFault::IgnoreRest);
    faults.extend([0, 1, 40, 90].map(|keep| ServerFault::Listing { keep }));
    faults.extend([0, 1, 300, 599].map(|keep| ServerFault::PartStored { keep }));
    faults
        .extend([(0, 452), (100, 452), (100, 552), (1500, 452)].map(|(after, code)| ServerFault::Full { after, code }));
    faults.into_iter().map(Fault::Server).collect()
}
