//! Nothing that a caller passes in becomes a second command or shifts a parameter.
//!
//! Every text of every call is passed with every hostile character. Either it is refused and not a byte is sent. Or the
//! same lines and the same requests to the server are sent as for a harmless text of that length: with the text instead
//! of the harmless one, and nothing else changed.

pub mod calls;
pub mod witness;

use ftp_modem::backend::Backend;
use ftp_modem::modem::AccessPoint;
use ftp_modem::{Error, ErrorKind, FtpModem, Server, Vendor};

use calls::{Call, Empty, Needs, common};
use witness::{Request, WitnessedRig};

/// What no command line can carry.
const REFUSED: &[&str] =
    &["a\rb", "a\nb", "a\0b", "a\x1ab", "a\x1bb", "a\x7fb", "a\"b", "\r", "AT\rAT+CFUN=0\r", "+++\r", "x\",\"y", "\""];

/// What some can carry, in quotation marks.
const MAYBE: &[&str] =
    &["a,b", "a;b", "a,,,1", ",", ";AT+CFUN=0;", "a b", "=a?", "+++", "OK", "a'b", "a\\b", "\\22", "'"];

/// The outcome of a call.
struct Outcome {
    result: Result<(), Error>,
    written: Vec<u8>,
    requests: Vec<Request>,
}

impl Outcome {
    fn is_refused(&self) -> bool {
        let is_refusal = |error: &Error| matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported);
        self.result.as_ref().is_err_and(is_refusal)
    }

    fn is_quiet(&self) -> bool {
        self.written.is_empty() && self.requests.is_empty()
    }

    /// How many parameters and commands were written: what separates them outside quotation marks, line by line.
    fn separators(&self) -> Vec<usize> {
        let count = |line: &[u8]| {
            let mut quoted = false;
            let is_separator = |byte: &&u8| {
                quoted ^= **byte == b'"';
                !quoted && b",; ".contains(*byte)
            };
            line.iter().filter(is_separator).count()
        };
        self.written.split(|byte| *byte == b'\r').map(count).collect()
    }

    /// What was written and requested, with `other` instead of `text`.
    fn with(&self, text: &str, other: &str) -> (String, Vec<Request>) {
        let put = |whole: &str| whole.replace(text, other);
        let request = |(name, texts): &Request| (*name, texts.iter().map(|text| put(text)).collect());
        (put(&String::from_utf8_lossy(&self.written)), self.requests.iter().map(request).collect())
    }
}

/// Makes a call on a module of its own, with what the call needs.
fn make<M: FtpModem + ?Sized>(mut watched: WitnessedRig<M>, call: &Call<M>, text: &str) -> Outcome {
    let rig = &mut watched.rig;
    let text = format!("{}{text}", call.prefix);
    if call.needs != Needs::Nothing {
        rig.modem.attach(&AccessPoint::default()).unwrap();
    }
    if matches!(call.needs, Needs::Login | Needs::File | Needs::Directory) {
        rig.files.add_directory("/within");
        rig.files.put("/there", "1234");
        match call.needs {
            Needs::File => rig.files.put(&text, "1234"),
            Needs::Directory => rig.files.add_directory(&text),
            _ => {}
        }
        rig.modem.login(&Server::new("192.0.2.7", "u", "p")).unwrap();
    }
    (call.first)(&mut rig.modem).unwrap();
    let _ = (watched.written(), watched.requests());
    let result = (call.call)(&mut watched.rig.modem, &text);
    Outcome { result, written: watched.written(), requests: watched.requests() }
}

/// What is wrong, and the number of doubtful texts that were sent.
struct Findings {
    vendor: Vendor,
    wrong: Vec<String>,
    sent: usize,
}

impl Findings {
    fn of(vendor: Vendor) -> Self {
        Findings { vendor, wrong: Vec::new(), sent: 0 }
    }

    #[track_caller]
    fn assert_nothing_wrong(&self) {
        assert!(self.wrong.is_empty(), "{} are wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }

    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(what());
        }
    }

    /// Makes a call with every hostile text.
    fn check<M: FtpModem + ?Sized>(&mut self, rig: impl Fn() -> WitnessedRig<M>, call: &Call<M>) {
        let vendor = self.vendor;
        let name = |text: &str| format!("{vendor}: {} {:?}", call.name, format!("{}{text}", call.prefix));
        let baseline = make(rig(), call, "qqq");
        if baseline.result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unsupported) {
            self.expect(baseline.is_quiet(), || format!("{}: unsupported, and something was sent", name("qqq")));
            return;
        }
        self.expect(!baseline.is_refused(), || format!("{}: refused", name("qqq")));
        let over_long = "x".repeat(5_000);
        let is_empty_refused = call.empty == Empty::Refused && call.prefix.is_empty();
        for text in REFUSED.iter().copied().chain([over_long.as_str()]).chain(is_empty_refused.then_some("")) {
            let hostile = make(rig(), call, text);
            self.expect(hostile.is_refused(), || format!("{} is taken", name(text)));
            self.expect(hostile.is_quiet(), || format!("{}: {} was sent", name(text), hostile.written.escape_ascii()));
        }
        for text in MAYBE {
            let hostile = make(rig(), call, text);
            if hostile.is_refused() {
                self.expect(hostile.is_quiet(), || {
                    format!("{}: {} was sent", name(text), hostile.written.escape_ascii())
                });
                continue;
            }
            let harmless = "q".repeat(text.len());
            let baseline = make(rig(), call, &harmless);
            let (expected, seen) = (baseline.with(&harmless, text), hostile.with("", ""));
            self.expect(hostile.separators() == baseline.separators(), || {
                format!("{}: parameters are shifted", name(text))
            });
            self.expect(seen == expected, || format!("{}:\n  {seen:?}, expected\n  {expected:?}", name(text)));
            self.sent += 1;
        }
    }
}

/// Checks the calls that every dialect has.
#[track_caller]
pub fn check_common(vendor: Vendor) {
    let mut findings = Findings::of(vendor);
    let rig = || WitnessedRig::any(vendor);
    let resolves_names = rig().rig.modem.capabilities().resolves_names;
    // Where the module cannot resolve names, the host does, and sends an address.
    for call in common().iter().filter(|call| resolves_names || !call.name.ends_with(", host")) {
        findings.check(rig, call);
    }
    findings.assert_nothing_wrong();
    // Otherwise only refusals are checked.
    assert!(findings.sent > 50, "{vendor}: only {} of the doubtful texts can be sent", findings.sent);
}

/// Checks the calls that only one dialect has.
#[track_caller]
pub fn check_own<B: Backend>(calls: &[Call<B>]) {
    let mut findings = Findings::of(B::VENDOR);
    for call in calls {
        findings.check(WitnessedRig::<B>::new, call);
    }
    findings.assert_nothing_wrong();
}
