//! Nothing a caller passes in can become a second command or shift a parameter: what a command line cannot carry is
//! refused before anything is sent.

use ftp_modem::modem::{AccessPoint, Authentication, PdpType, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, Result, Server, Vendor};

use crate::for_each_dialect;
use crate::support::access::{HOST, PASSWORD, USER};
use crate::support::expected::expected;
use crate::support::rig::AnyRig;

const BAD: &[&str] =
    &["a\rb", "a\nb", "a\0b", "a\u{1a}b", "a\u{1b}b", "a\u{7f}b", "a\"b", "\r", "AT\rAT+CFUN=0\r", "+++\r"];

type Call = fn(&mut dyn FtpModem, &str) -> Result<()>;

/// Every operation that takes a path.
const ON_PATH: &[(&str, Call)] = &[
    ("retrieve", |modem, path| modem.retrieve(path, &Retrieve::whole(), &mut Vec::new()).map(drop)),
    ("store", |modem, path| modem.store(path, &Store::create(), &mut &b"x"[..]).map(drop)),
    ("append", |modem, path| modem.store(path, &Store::append(), &mut &b"x"[..]).map(drop)),
    ("store at", |modem, path| modem.store(path, &Store::at(7), &mut &b"x"[..]).map(drop)),
    ("list", |modem, path| modem.list(path).map(drop)),
    ("names", |modem, path| modem.names(path).map(drop)),
    ("size", |modem, path| modem.size(path).map(drop)),
    ("modified", |modem, path| modem.modified(path).map(drop)),
    ("cwd", |modem, path| modem.cwd(path)),
    ("mkdir", |modem, path| modem.mkdir(path)),
    ("rmdir", |modem, path| modem.rmdir(path)),
    ("remove", |modem, path| modem.remove(path)),
    ("rename from", |modem, path| modem.rename(path, "b")),
    ("rename to", |modem, path| modem.rename("a", path)),
];

/// Makes a call that must be refused without a byte on the line.
#[track_caller]
fn refused(rig: &mut AnyRig, what: &str, call: impl FnOnce(&mut dyn FtpModem) -> Result<()>) {
    let before = rig.line.sent();
    let error = call(&mut *rig.modem).expect_err(what);
    assert!(matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported), "{what}: {error}");
    assert_eq!(rig.line.sent(), before, "{what}: something was sent");
}

for_each_dialect! {
    fn paths(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let too_long = "x".repeat(300);
        let limit = rig.modem.capabilities().limits.path;
        for (name, call) in ON_PATH {
            for path in BAD.iter().chain([&too_long.as_str()]) {
                refused(&mut rig, &format!("{name} {path:?}"), |modem| call(modem, path));
            }
        }
        let longest = format!("/{}", "x".repeat(limit.min(60)));
        let error = rig.modem.remove(&longest).map(drop).err();
        assert!(error.is_none_or(|error| error.kind() != ErrorKind::InvalidInput), "within the limit");
        rig.still_works();
    }

    fn a_type_of_bearer_that_the_dialect_cannot_express(vendor: Vendor) {
        if expected(vendor).pdp_type.is_some() {
            return;
        }
        let mut rig = AnyRig::open(vendor);
        for pdp_type in [PdpType::Ipv6, PdpType::Ipv4v6] {
            let access_point = AccessPoint::new("iot").with_pdp_type(pdp_type);
            refused(&mut rig, "attach", |modem| modem.attach(&access_point).map(drop));
        }
    }

    fn an_empty_file_name(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        refused(&mut rig, "retrieve", |modem| modem.retrieve("", &Retrieve::whole(), &mut Vec::new()).map(drop));
        refused(&mut rig, "store", |modem| modem.store("", &Store::create(), &mut &b"x"[..]).map(drop));
        refused(&mut rig, "remove", |modem| modem.remove(""));
        rig.still_works();
    }

    fn servers(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        rig.modem.attach(&AccessPoint::default()).unwrap();
        let too_long = "x".repeat(300);
        for bad in BAD.iter().chain([&too_long.as_str()]) {
            refused(&mut rig, "user", |modem| modem.login(&Server::new(HOST, *bad, PASSWORD)));
            refused(&mut rig, "password", |modem| modem.login(&Server::new(HOST, USER, *bad)));
            if rig.modem.capabilities().resolves_names {
                refused(&mut rig, "host", |modem| modem.login(&Server::new(*bad, USER, PASSWORD)));
            }
        }
        refused(&mut rig, "port", |modem| modem.login(&Server::new(HOST, USER, PASSWORD).with_port(0)));
    }

    fn access_points(vendor: Vendor) {
        let mut rig = AnyRig::open(vendor);
        let too_long = "x".repeat(300);
        for bad in BAD.iter().chain([&too_long.as_str()]) {
            refused(&mut rig, "name", |modem| modem.attach(&AccessPoint::new(*bad)).map(drop));
            let user = AccessPoint::new("a").with_credentials(*bad, "p", Authentication::Pap);
            refused(&mut rig, "user", |modem| modem.attach(&user).map(drop));
            let password = AccessPoint::new("a").with_credentials("u", *bad, Authentication::Chap);
            refused(&mut rig, "password", |modem| modem.attach(&password).map(drop));
        }
    }
}

/// The uploads of the generic dialect are part of the command line.
#[test]
fn generic_refuses_payload_that_a_line_cannot_carry_without_force_binary() {
    for byte in 0..=255u8 {
        let mut rig = AnyRig::online(Vendor::Generic);
        let before = rig.line.sent();
        let outcome = rig.modem.store("/x", &Store::create(), &mut &[b'a', byte][..]);
        let passes = (b' '..=b'~').contains(&byte);
        assert_eq!(outcome.is_ok(), passes, "{byte:#x}");
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("force_binary"), "{error}");
            assert_eq!(rig.line.sent(), before);
        }
    }
}
