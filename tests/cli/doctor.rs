//! `doctor`: what it says of a module in every state.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::Command;

use ftp_modem::emulator::{MemoryServer, Operation, Options, RemoteError, ServerFault};
use ftp_modem::modem::LoginCheck;
use ftp_modem::{ErrorKind, Vendor};
use serde_json::Value;
use serialport::{SerialPort, TTYPort};

use crate::expected::expected;
use crate::ftp_server::{PASSWORD, USER};
use crate::machine::Machine;
use crate::machine::devices::*;
use crate::rig::{Rig, for_each_dialect, run, tool};
use crate::screen::{SIZES, assert_fits, on_screen};
use crate::wire::Wire;

const PIN: &str = "7391";

/// Runs the doctor, and returns its status and its JSON.
#[track_caller]
fn examined(command: &mut Command) -> (i32, Value) {
    let ran = run(command.args(["--json", "doctor"]));
    (ran.status, ran.json())
}

/// The state of `step`.
fn state<'v>(report: &'v Value, step: &str) -> &'v str {
    let steps = report["steps"].as_array().unwrap();
    let found = steps.iter().find(|found| found["step"] == step);
    found.unwrap_or_else(|| panic!("{step} in {report}"))["state"].as_str().unwrap()
}

/// Checks that `step` is the only one that failed, that the steps before it did not, and that what was seen and the
/// remedy contain these words.
#[track_caller]
fn assert_failed((status, report): (i32, Value), step: &str, seen: &str, remedy: &str) {
    assert_ne!(status, 0, "{report}");
    assert_eq!(report["ok"], false);
    let steps = report["steps"].as_array().unwrap();
    let failed: Vec<&Value> = steps.iter().filter(|found| found["state"] == "failed").collect();
    let [only] = failed.as_slice() else { panic!("{report}") };
    assert_eq!(only["step"], step, "{report}");
    let texts = (only["seen"].as_str().unwrap(), only["remedy"].as_str().unwrap_or_default());
    assert!(texts.0.contains(seen) && texts.1.contains(remedy), "{texts:?}");
    assert!(!texts.0.contains(texts.1) || texts.1.is_empty(), "the remedy is said once: {texts:?}");
    let place = steps.iter().position(|found| found["step"] == step).unwrap();
    assert!(steps[place + 1..].iter().all(|found| found["state"] == "skipped"), "{report}");
    assert!(steps.len() >= 13, "every step is listed: {report}");
}

/// The tool on a port, without a server.
fn on(port: &str) -> Command {
    let mut command = tool();
    command.args(["-p", port]);
    command
}

/// The tool on a wire, with a server in memory.
fn with_server(wire: &Wire, url: &str) -> Command {
    let mut command = on(wire.path());
    command.args(["-s", url]).env("FTP_MODEM_PASSWORD", PASSWORD);
    command
}

/// A server in memory with the account of the tests.
fn server() -> MemoryServer {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server
}

for_each_dialect! {
    fn a_healthy_module_passes_every_step(vendor: Vendor) {
        let mut options = Options::default();
        (expected(vendor).carry)(&mut options);
        let rig = Rig::with(vendor, options);
        rig.serve("a.txt", "a");
        let report = rig.run(&["--json", "doctor", "--write", "/"]).expect(0).json();
        assert_eq!(report["ok"], true, "{report}");
        let steps = report["steps"].as_array().unwrap();
        let names: Vec<&str> = steps.iter().map(|found| found["step"].as_str().unwrap()).collect();
        assert_eq!(names, [
            "port", "permissions", "modem-manager", "module", "sim", "signal", "registration", "attach", "bearer",
            "name-resolution", "login", "data-connection", "listing", "upload", "read-back",
        ]);
        for found in steps.iter().filter(|found| found["step"] != "name-resolution") {
            let state = found["state"].as_str().unwrap();
            // Not every dialect can remove the file.
            assert!(state == "ok" || found["step"] == "read-back" && state == "warning", "{found}");
            assert!(!found["seen"].as_str().unwrap().is_empty(), "{found}");
        }
        // The module is left as it was.
        rig.ok(&["size", "/a.txt"]);
    }

    fn the_state_of_the_sim_card_is_named(vendor: Vendor) {
        let cases: [(Options, &str, &str); 2] = [
            (Options::default().with_sim_ready(false), "no SIM card found", "insert a SIM card"),
            (Options::default().with_sim_pin(PIN), "waits for its PIN", "--pin-file"),
        ];
        for (options, seen, remedy) in cases {
            let rig = Rig::with(vendor, options);
            assert_failed(examined(&mut on(rig.module.path())), "sim", seen, remedy);
        }
    }

    fn a_missing_registration_is_named(vendor: Vendor) {
        for (state, seen, remedy) in [
            (0, "does not search", "check antenna"),
            (2, "searching for a network", "wait a minute"),
            (3, "denies the registration", "contract"),
        ] {
            let rig = Rig::with(vendor, Options::default().with_registration_state(state));
            assert_failed(examined(&mut on(rig.module.path())), "registration", seen, remedy);
        }
    }

    fn a_server_name_that_does_not_resolve_is_named(vendor: Vendor) {
        let server = server();
        server.forget_host("no-such-host.invalid");
        let wire = Wire::to(server.remote(), vendor, Options::default(), &[]);
        let report = examined(&mut with_server(&wire, "ftp://logger@no-such-host.invalid"));
        if expected(vendor).unknown_host == ErrorKind::ConnectFailed {
            // It reports no cause.
            assert_eq!(state(&report.1, "name-resolution"), "skipped");
            assert_failed(report, "login", "gives no reason", "check the server's address");
        } else {
            assert_failed(report, "name-resolution", "not resolved", "check the server's name");
        }
    }

    fn a_refused_login_is_named(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let mut command = rig.tool(&[]);
        let (status, report) = examined(command.env("FTP_MODEM_PASSWORD", "wr0ng-one"));
        assert_eq!(status, 6);
        assert_failed((status, report), "login", "login refused", "check user name and password");
        let mut command = on(rig.module.path());
        command.args(["-s", &format!("ftp://{}", rig.server.address())]);
        let advice = "if the server accepts no anonymous login, name";
        assert_failed(examined(&mut command), "login", "login refused", advice);
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let mut command = on(rig.module.path());
        command.args(["-s", &format!("ftp://{USER}@{closed}")]).env("FTP_MODEM_PASSWORD", PASSWORD);
        let (status, report) = examined(&mut command);
        assert!(status != 0 && state(&report, "login") == "failed", "{report}");
    }

    fn a_data_connection_that_fails_is_named(vendor: Vendor) {
        let server = server();
        let wire = Wire::to(server.remote(), vendor, Options::default(), &[]);
        for _ in 0..8 {
            server.fail_next(Operation::List, RemoteError::reply(425, "Can't open data connection."));
        }
        let (status, report) = examined(&mut with_server(&wire, "ftp://logger@127.0.0.1"));
        assert_ne!(status, 0);
        if expected(vendor).names_data_connection {
            assert_failed((status, report), "data-connection", "data connection failed", "passive ports");
        } else {
            assert_eq!(state(&report, "data-connection"), "skipped", "{report}");
            assert_failed((status, report), "listing", "listing failed", "");
        }
    }

    fn an_upload_that_is_refused_is_named(vendor: Vendor) {
        let mut options = Options::default();
        (expected(vendor).carry)(&mut options);
        let rig = Rig::with(vendor, options);
        let ran = rig.run(&["--json", "doctor", "--write", "/no-such-folder"]);
        // A dialect that keeps the current directory itself would have to list it.
        let keeps = rig.run(&["--json", "info"]).expect(0).json()["operations"]["cwd"] == "native";
        let cause = if keeps { "the server has no directory \"/no-such-folder\", or denies access to it" } else { "" };
        assert_failed((ran.status, ran.json()), "upload", cause, "");
    }
}

#[test]
fn a_missing_port_is_named() {
    assert_failed(examined(&mut on("/dev/no-such-port")), "port", "/dev/no-such-port", "check the cable");
    let empty = Machine::new();
    let mut command = tool();
    let (status, report) = examined(command.env("FTP_MODEM_ROOT", empty.root()));
    assert_eq!(status, 3);
    assert_failed((status, report), "port", "no AT port found", "ftp-modem ports");
}

#[test]
fn the_port_is_described() {
    let rig = Rig::new(Vendor::Quectel);
    let machine = Machine::new();
    machine.plug(EC25);
    machine.connect("ttyUSB2", rig.module.path());
    let mut command = tool();
    let (status, report) = examined(command.env("FTP_MODEM_ROOT", machine.root()));
    assert_eq!(status, 0, "{report}");
    assert!(
        report["steps"][0]["seen"].as_str().unwrap().contains("Quectel EC25, EG25, 2c7c:0125, interface 02"),
        "{report}"
    );
    for step in ["name-resolution", "login", "data-connection", "listing"] {
        assert_eq!(state(&report, step), "skipped", "there is no server");
    }
}

#[test]
fn a_port_of_another_group_is_named() {
    let rig = Rig::new(Vendor::Luat);
    // Only root can become somebody else.
    if std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own)).unwrap() != 0 {
        return;
    }
    let folder =
        tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir().unwrap();
    let copy = folder.path().join("ftp-modem");
    // By another process: a program that this one forks meanwhile would keep the copy open for writing.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_ftp-modem")).arg(&copy).status().unwrap();
    assert!(copied.success());
    std::fs::set_permissions(rig.module.path(), std::os::unix::fs::PermissionsExt::from_mode(0o660)).unwrap();
    std::os::unix::fs::chown(rig.module.path(), None, Some(20)).unwrap();
    let mut command = Command::new(&copy);
    command.args(["-p", rig.module.path()]).current_dir("/").uid(65534).gid(65534);
    let (status, report) = examined(&mut command);
    assert_eq!(status, 3, "{report}");
    assert_failed((status, report), "permissions", "denied", "sudo usermod -aG");
}

#[test]
fn a_busy_port_is_named_and_modem_manager_by_its_rule() {
    let rig = Rig::new(Vendor::Quectel);
    let machine = Machine::new();
    machine.plug(EC25);
    machine.connect("ttyUSB2", rig.module.path());
    let mut command = tool();
    command.env("FTP_MODEM_ROOT", machine.root());
    machine.program(812, "ModemManager", &[]);
    let (status, report) = examined(&mut command);
    assert_eq!((status, state(&report, "modem-manager")), (0, "warning"), "it only may disturb: {report}");

    let _holder = serialport::new(rig.module.path(), 115_200).open().unwrap();
    machine.program(900, "minicom", &[&machine.path("dev/ttyUSB2")]);
    let mut command = tool();
    command.env("FTP_MODEM_ROOT", machine.root());
    assert_failed(examined(&mut command), "port", "in use", "close minicom (process 900)");
    machine.program(812, "ModemManager", &[]);
    let other = Machine::new();
    other.plug(EC25);
    other.connect("ttyUSB2", rig.module.path());
    other.program(812, "ModemManager", &[&other.path("dev/ttyUSB2")]);
    let mut command = tool();
    command.env("FTP_MODEM_ROOT", other.root());
    assert_failed(examined(&mut command), "modem-manager", "in use", "ENV{ID_MM_DEVICE_IGNORE}");
}

#[test]
fn a_silent_port_is_named() {
    let (_module, host) = TTYPort::pair().unwrap();
    let name = host.name().unwrap();
    drop(host);
    let (status, report) = examined(&mut on(&name));
    assert_eq!(status, 4);
    assert_failed((status, report), "module", "no answer within", "check port, baud rate");
}

#[test]
fn a_card_is_unlocked_or_the_reason_named() {
    let locked = |rows| Wire::new(Vendor::Quectel, Options::default().with_sim_pin(PIN), rows);
    let wire = locked(&[("AT+QPINC", "+QPINC: \"SC\",3,10")]);
    let mut command = on(wire.path());
    let (status, report) = examined(command.env("FTP_MODEM_PIN", PIN));
    assert_eq!((status, state(&report, "sim"), state(&report, "bearer")), (0, "ok", "ok"), "{report}");
    let wire = locked(&[("AT+QPINC", "+QPINC: \"SC\",1,10")]);
    let mut command = on(wire.path());
    assert_failed(examined(command.env("FTP_MODEM_PIN", PIN)), "sim", "1 attempt left", "telephone");
    assert!(wire.commands("AT+CPIN=").is_empty());
    let wire = locked(&[("AT+QPINC", "+QPINC: \"SC\",3,10")]);
    let mut command = on(wire.path());
    assert_failed(examined(command.env("FTP_MODEM_PIN", "0000")), "sim", "refused the PIN", "check the PIN");
    let blocked = Wire::new(Vendor::Luat, Options::default(), &[("AT+CPIN?", "+CPIN: SIM PUK")]);
    assert_failed(examined(&mut on(blocked.path())), "sim", "blocked", "PUK");
}

#[test]
fn a_weak_or_missing_signal_is_a_warning() {
    for (answer, seen) in [("+CSQ: 1,99", "-111 dBm, which is weak"), ("+CSQ: 99,99", "no signal")] {
        let rows: &'static [(&str, &str)] = vec![("AT+CSQ", answer)].leak();
        let wire = Wire::new(Vendor::Fibocom, Options::default(), rows);
        let (status, report) = examined(&mut on(wire.path()));
        assert_eq!((status, state(&report, "signal")), (0, "warning"), "{report}");
        assert!(report.to_string().contains(seen), "{report}");
    }
}

#[test]
fn what_the_module_does_not_report_does_not_fail() {
    let options = ["+CPIN", "+CSQ", "+CREG", "+CGREG", "+CEREG", "+CGATT"]
        .iter()
        .fold(Options::default(), |options, command| options.without_command(command));
    let wire = Wire::new(Vendor::Quectel, options, &[]);
    let (status, report) = examined(&mut on(wire.path()));
    assert_eq!((status, state(&report, "bearer")), (0, "ok"), "{report}");
    for (step, expected) in
        [("sim", "warning"), ("signal", "warning"), ("registration", "warning"), ("attach", "skipped")]
    {
        assert_eq!(state(&report, step), expected, "{step}: {report}");
    }
}

#[test]
fn a_module_that_is_not_attached_is_named() {
    let rig = Rig::with(Vendor::Luat, Options::default().with_attached(false));
    assert_failed(examined(&mut on(rig.module.path())), "attach", "not attached", "includes data");
    // Where the activation of the bearer attaches, all is well.
    let rig = Rig::with(Vendor::Quectel, Options::default().with_attached(false));
    let (status, report) = examined(&mut on(rig.module.path()));
    assert_eq!((status, state(&report, "attach")), (0, "ok"), "{report}");
}

#[test]
fn a_bearer_that_fails_is_named() {
    let wire = Wire::new(Vendor::Quectel, Options::default(), &[("AT+QIACT=", "!+CME ERROR: 30")]);
    let (status, report) = examined(&mut on(wire.path()));
    assert!(status != 0 && state(&report, "bearer") == "failed" && state(&report, "attach") == "ok", "{report}");
}

#[test]
fn a_read_back_that_fails_is_named_and_leaves_nothing_behind() {
    let server = server();
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    server.fail_next(Operation::Retrieve, RemoteError::reply(550, "Denied."));
    let mut command = with_server(&wire, "ftp://logger@127.0.0.1");
    let ran = run(command.args(["--json", "doctor", "--write", "/"]));
    assert_failed((ran.status, ran.json()), "read-back", "unavailable", "check the path");
    assert_eq!(server.files(), Vec::<String>::new(), "the file is removed all the same");
}

#[test]
fn an_upload_that_does_not_arrive_whole_is_named() {
    let server = server();
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    server.misbehave(ServerFault::PartStored { keep: 10 });
    let mut command = with_server(&wire, "ftp://logger@127.0.0.1");
    let (status, report) = {
        let ran = run(command.args(["--json", "doctor", "--write", "/"]));
        (ran.status, ran.json())
    };
    assert_eq!(status, 11, "{report}");
    assert_failed((status, report), "read-back", "not what was uploaded", "");
}

#[test]
fn the_bearer_is_left_as_it_was() {
    for (was_up, times) in [(false, 1), (true, 0)] {
        let wire = Wire::to(server().remote(), Vendor::Quectel, Options::default().with_pdp_active(was_up), &[]);
        let (status, report) = examined(&mut with_server(&wire, "ftp://logger@127.0.0.1"));
        assert_eq!(status, 0, "{report}");
        assert_eq!(wire.commands("AT+QIDEACT").len(), times, "{report}");
        assert_eq!(wire.commands("AT+QFTPCLOSE").len(), 1);
    }
}

#[test]
fn text_is_readable_on_every_terminal() {
    let rig = Rig::with(Vendor::Luat, Options::default().with_registration_state(3));
    for size in SIZES {
        let shown = on_screen(on(rig.module.path()).arg("doctor"), size, "");
        for part in ["ok       port", "FAILED   registration", "=> check the", "listing", "status 5"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        // The error on stderr is one line, as everywhere.
        let report: Vec<&str> = shown.lines().filter(|line| !line.starts_with("ftp-modem: ")).collect();
        assert_fits(&report.join("\n"), size);
    }
    let text = run(on(rig.module.path()).arg("doctor")).expect(5).text();
    assert!(text.lines().any(|line| line.starts_with("         not reached     attach, bearer, name-")), "{text}");
}

#[test]
fn an_upload_needs_a_server() {
    let rig = Rig::new(Vendor::Luat);
    run(on(rig.module.path()).args(["doctor", "--write", "/"])).expect(2);
}

#[test]
fn the_emulated_dialects_differ_in_when_they_log_in() {
    // The tests above cover both kinds.
    let kinds = Vendor::ALL.map(|vendor| {
        let module =
            ftp_modem::emulator::Module::new(crate::rig::emulated(vendor), server().remote(), Options::default());
        let pipe = ftp_modem::transport::memory::MemoryPipe::new(module);
        ftp_modem::OpenOptions::new().open_on(pipe).unwrap().capabilities().login_check
    });
    assert!(kinds.contains(&LoginCheck::AtLogin) && kinds.contains(&LoginCheck::AtFirstOperation));
}
