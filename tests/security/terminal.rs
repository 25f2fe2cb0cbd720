//! Text of servers and modules reaches no terminal raw, whichever way it goes: listings, paths, lines of the module,
//! errors, the log at its most detailed level.

use ftp_modem::Vendor;
use ftp_modem::emulator::{Identity, MemoryServer, Options, PtyModule, RemoteError};

use crate::hostile::witness::{Log, Witness};
use crate::support::access::{PASSWORD, emulated};
use crate::support::expected::expected;
use crate::tool::{Ran, tool, tool_on};

/// Clears the screen, sets the title, turns the reading direction, rings, moves up a line: in one and two byte forms.
const ESCAPES: &str = "x\x1b[2J\x1b]0;title\x07\u{9b}31m\u{202e}txt\u{2066}\x08\x0b\x7fy";

#[track_caller]
fn harmless(what: &str, ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let is_bad = |character: char| {
            (character.is_control() && character != '\n')
                || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(is_bad), "{what}: {text:?}");
        assert!(!text.contains(PASSWORD), "{what}: {text:?}");
    }
}

/// A module and a server that send [`ESCAPES`] wherever they can.
fn hostile(vendor: Vendor) -> PtyModule {
    let files = MemoryServer::new();
    let mut listing = Vec::new();
    for line in [
        format!("-rw-r--r-- 1 u g 5 Jul 22 04:09 {ESCAPES}"),
        format!("lrwxrwxrwx 1 u g 5 Jul 22 04:09 link -> {ESCAPES}"),
        format!("-rw{ESCAPES} 1 {ESCAPES} g 5 Jul 22 04:09 name"),
        format!("type=file;size=5;perm={ESCAPES}; {ESCAPES}"),
        ESCAPES.to_owned(),
    ] {
        listing.extend_from_slice(line.as_bytes());
        listing.extend_from_slice(b"\r\n");
    }
    files.set_listing("/", listing);
    files.put("/there.txt", "12345");
    for operation in [ftp_modem::emulator::Operation::Remove, ftp_modem::emulator::Operation::MakeDir] {
        files.fail_next(operation, RemoteError::Reply { code: 550, text: ESCAPES.to_owned() });
    }
    let mut witness = Witness::new(files.remote(), Log::default());
    witness.directory = Some("/x\x1b[2J\u{202e}y");
    let model = expected(vendor).model;
    let identity = Identity {
        manufacturer: ESCAPES.to_owned(),
        model: format!("{model} {ESCAPES}"),
        revision: ESCAPES.to_owned(),
        serial: ESCAPES.to_owned(),
    };
    PtyModule::spawn(emulated(vendor), Box::new(witness), Options::default().with_identity(identity)).unwrap()
}

#[test]
fn nothing_that_is_said_steers_a_terminal() {
    let mut shown = 0;
    for vendor in Vendor::ALL {
        let module = hostile(vendor);
        let commands: &[&[&str]] = &[
            &["-vvv", "ls", "/"],
            &["--json", "ls", "/"],
            &["pwd"],
            &["info"],
            &["-v", "rm", "/there.txt"],
            &["mkdir", "/new"],
        ];
        for arguments in commands {
            // Escapes within what a module says of itself may hide which dialect it has.
            let ran = Ran::of(tool_on(&module).args(["--vendor", vendor.name()]).args(*arguments));
            harmless(&format!("{vendor}: {arguments:?}"), &ran);
            shown += usize::from(ran.stdout.contains("\\u{1b}") || ran.stderr.contains("\\u{1b}"));
        }
    }
    assert!(shown > 10, "only {shown} outputs hold an escape at all");
}

#[test]
fn nothing_that_is_typed_comes_back_raw() {
    for arguments in [
        &["ls", ESCAPES][..],
        &["get", ESCAPES],
        &["get", "/a", ESCAPES],
        &["put", ESCAPES, "/a"],
        &["mv", ESCAPES, "b"],
        &["--password-file", ESCAPES, "pwd"],
        &["--trace", ESCAPES, "pwd"],
        &["--server", ESCAPES, "pwd"],
        &["--apn", ESCAPES, "pwd"],
        &["--port", ESCAPES, "pwd"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = tool();
        command.args(["-vvv", "--retries", "0", "--timeout", "1"]).current_dir(&folder);
        if !arguments.contains(&"--port") {
            command.args(["--port", "/dev/no-such-port"]);
        }
        if !arguments.contains(&"--server") {
            command.args(["--server", "ftp://u@192.0.2.7"]);
        }
        let ran = Ran::of(command.args(arguments).env("FTP_MODEM_PASSWORD", PASSWORD));
        assert_ne!(ran.status, 0, "{arguments:?}");
        harmless(&format!("{arguments:?}"), &ran);
    }
}
