//! `ports`, `udev`, and the choice of a port.

use std::io::Read;
use std::process::Command;

use ftp_modem::Vendor;
use serialport::{FlowControl, SerialPort, TTYPort};

use crate::machine::Machine;
use crate::machine::devices::*;
use crate::rig::{Rig, run, tool, wait_for};
use crate::screen::{SIZES, assert_fits, on_screen};

/// The tool on `machine`.
fn tool_on(machine: &Machine, arguments: &[&str]) -> Command {
    let mut command = tool();
    command.env("FTP_MODEM_ROOT", machine.root()).args(arguments);
    command
}

/// A machine with an EC25 whose AT port leads to `target`.
fn with_ec25(target: &str) -> Machine {
    let machine = Machine::new();
    machine.plug(EC25);
    machine.connect("ttyUSB2", target);
    machine
}

#[test]
fn ports_lists_every_port_as_json() {
    let machine = Machine::new();
    for device in [EC25, BG95, CABLE] {
        machine.plug(device);
    }
    let rows = run(&mut tool_on(&machine, &["--json", "ports"])).expect(0).json();
    let row = |name: &str| {
        let path = machine.path(&format!("dev/{name}"));
        let is_named = |row: &&serde_json::Value| row["port"] == path.to_str().unwrap();
        rows.as_array().unwrap().iter().find(is_named).unwrap().clone()
    };
    assert_eq!(rows.as_array().unwrap().len(), 8);
    let at = row("ttyUSB6");
    for (field, value) in [
        ("role", "at"),
        ("evidence", "reported"),
        ("module", "Quectel BG95"),
        ("vendor_id", "2c7c"),
        ("product_id", "0700"),
        ("interface", "02"),
        ("serial", "a1b2c3d4"),
        ("product", "Quectel LPWA Module"),
    ] {
        assert_eq!(at[field], value, "{field}");
    }
    assert!(at["by_id"].as_str().unwrap().ends_with("Quectel_LPWA_Module_a1b2c3d4-if02-port0"), "{at}");
    assert!(at["by_path"].as_str().unwrap().ends_with("usb-0:3:1.2-port0"), "{at}");
    assert!(at.get("answer").is_none());
    let cable = row("ttyUSB32");
    assert!(cable["role"] == "unknown" && cable["module"].is_null() && cable["evidence"] == "none", "{cable}");
}

#[test]
fn ports_shows_names_that_port_accepts_on_every_terminal() {
    let machine = Machine::new();
    machine.plug(BG95);
    machine.uart("ttyS0", 4);
    for size in SIZES {
        let shown = on_screen(&tool_on(&machine, &["ports"]), size, "");
        for part in
            ["/dev/ttyUSB6  at\n  Quectel BG95\n  usb:2c7c:0700:02\n  serial:a1b2c3d4\n", "/dev/ttyS0  unknown\n"]
        {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(shown.ends_with("status 0\n"), "{shown}");
        assert_fits(&shown, size);
    }
    let empty = Machine::new();
    let none = run(&mut tool_on(&empty, &["ports"])).expect(0);
    assert!(none.stdout.is_empty() && none.stderr.contains("no serial ports"), "{}", none.stderr);
    assert!(run(&mut tool_on(&empty, &["-q", "ports"])).expect(0).stderr.is_empty());
}

#[test]
fn a_device_cannot_control_the_terminal_by_its_name() {
    let machine = Machine::new();
    machine.plug(crate::machine::Device { product: "evil\x1b[2J\u{202e}", ..CABLE });
    for json in [&["ports"][..], &["--json", "ports"]] {
        let text = run(&mut tool_on(&machine, json)).expect(0).text();
        assert!(text.contains("evil") && !text.contains(['\x1b', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn probe_asks_the_ports_that_may_answer() {
    let rig = Rig::new(Vendor::Quectel);
    let (_silent, host) = TTYPort::pair().unwrap();
    let machine = with_ec25(rig.module.path());
    machine.plug(CABLE);
    machine.connect("ttyUSB32", &host.name().unwrap());
    drop(host);
    let rows = run(&mut tool_on(&machine, &["--json", "ports", "--probe"])).expect(0).json();
    let answers: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| (row["port"].as_str().unwrap(), &row["answer"])).collect();
    for (port, answer) in answers {
        match port.rsplit('/').next().unwrap() {
            "ttyUSB2" => assert_eq!(answer["information"][0], "Quectel"),
            "ttyUSB3" => assert!(answer["error"].as_str().unwrap().contains("not found"), "an empty file: {answer}"),
            "ttyUSB32" => assert!(answer["error"].as_str().unwrap().contains("no answer within"), "{answer}"),
            _ => assert!(answer.is_null(), "{port} takes no commands: {answer}"),
        }
    }
    let text = run(&mut tool_on(&machine, &["ports", "--probe"])).expect(0).text();
    assert!(text.contains("  answers Quectel EC25 Revision"), "{text}");
}

#[test]
fn the_only_at_port_is_used_and_named() {
    let rig = Rig::new(Vendor::Quectel);
    let machine = with_ec25(rig.module.path());
    machine.plug(CABLE);
    let info = run(&mut tool_on(&machine, &["info"])).expect(0);
    assert!(info.text().contains("dialect       quectel"), "{}", info.text());
    let chosen = format!("[info] using port {}", machine.path("dev/ttyUSB2").display());
    assert!(info.stderr.contains(&chosen) && info.stderr.contains("Quectel EC25"), "{}", info.stderr);
    assert!(run(&mut tool_on(&machine, &["-q", "info"])).expect(0).stderr.is_empty());
    // A port that is named is not announced.
    let named = run(&mut tool_on(&machine, &["-p", "usb:2c7c:0125:02", "info"])).expect(0);
    assert!(named.stderr.is_empty() && named.text().contains("usb:2c7c:0125:02"), "{}", named.stderr);
    run(&mut tool_on(&machine, &["-p", "usb:2c7c:0126", "info"])).expect(3);
}

#[test]
fn without_a_known_at_port_the_one_that_answers_is_used() {
    let rig = Rig::new(Vendor::Luat);
    let machine = Machine::new();
    machine.plug(CABLE);
    machine.uart("ttyS0", 4);
    let silent = run(&mut tool_on(&machine, &["info"])).expect(3);
    assert!(
        silent.stderr.contains("no AT port found") && silent.stderr.contains("ftp-modem ports"),
        "{}",
        silent.stderr
    );
    machine.connect("ttyUSB32", rig.module.path());
    let info = run(&mut tool_on(&machine, &["info"])).expect(0);
    assert!(info.text().contains("dialect       luat"), "{}", info.text());
}

#[test]
fn among_several_at_ports_the_terminal_is_asked_and_a_script_refused() {
    let rig = Rig::new(Vendor::Fibocom);
    let machine = Machine::new();
    machine.plug(EC25);
    machine.plug(L610);
    machine.connect("ttyUSB10", rig.module.path());
    let refused = run(&mut tool_on(&machine, &["info"])).expect(2);
    for place in ["usb-0:2:1.2-port0", "usb-0:5:1.0-port0"] {
        assert!(refused.stderr.contains(place), "{}", refused.stderr);
    }
    for size in SIZES {
        let shown = on_screen(&tool_on(&machine, &["info"]), size, "7\nx\n2\n");
        assert!(shown.contains("1  ") && shown.contains("Port (1-2): "), "{shown}");
        assert!(shown.contains("dialect       fibocom") && shown.ends_with("status 0\n"), "{shown}");
    }
    let ended = on_screen(&tool_on(&machine, &["info"]), SIZES[0], "\x04");
    assert!(ended.contains("no port chosen") && ended.ends_with("status 2\n"), "{ended}");
}

#[test]
fn udev_prints_a_rule_for_every_module() {
    let rules = run(tool().arg("udev")).expect(0).text();
    for line in [
        r#"ATTRS{idVendor}=="2c7c", ATTRS{idProduct}=="0125", ENV{ID_MM_DEVICE_IGNORE}="1""#,
        r#"LABEL="ftp_modem_end""#,
        "# Fibocom L610",
    ] {
        assert!(rules.lines().any(|other| other == line), "{line} in {rules}");
    }
    for size in SIZES {
        assert!(on_screen(tool().arg("udev"), size, "").ends_with("status 0\n"));
    }
}

#[test]
fn a_busy_port_names_its_holder() {
    let rig = Rig::new(Vendor::Quectel);
    let holder = serialport::new(rig.module.path(), 115_200).open().unwrap();
    let busy = run(tool().args(["-p", rig.module.path(), "info"])).expect(3);
    // The module is served by this process, too.
    let own = std::process::id().to_string();
    assert!(busy.stderr.contains("close ") && busy.stderr.contains(&own), "{}", busy.stderr);
    drop(holder);
    run(tool().args(["-p", rig.module.path(), "info"])).expect(0);
}

#[test]
fn modem_manager_is_blamed_with_the_rule_that_helps() {
    let (_silent, host) = TTYPort::pair().unwrap();
    let machine = with_ec25(&host.name().unwrap());
    drop(host);
    machine.program(812, "ModemManager", &[]);
    let trace = machine.path("trace");
    for extra in [&[][..], &["--trace", trace.to_str().unwrap()]] {
        let silent = run(tool_on(&machine, &["info"]).args(extra)).expect(4);
        assert!(silent.stderr.contains(r#"ATTRS{idProduct}=="0125", ENV{ID_MM_DEVICE"#), "{}", silent.stderr);
    }
}

#[test]
fn the_line_is_set_as_the_options_say() {
    let rig = Rig::new(Vendor::Generic);
    for options in
        [&["--baud", "auto"][..], &["--flow", "rts-cts"], &["--flow", "none", "--dtr", "on"], &["--dtr", "off"]]
    {
        run(tool().args(["-p", rig.module.path()]).args(options).arg("info")).expect(0);
    }
    // A pseudo-terminal has no DTR line.
    let refused = run(tool().args(["-p", rig.module.path(), "--dtr", "escape", "info"])).expect(7);
    assert!(refused.stderr.contains("has no DTR line; open it without"), "{}", refused.stderr);
    let tcp = run(tool().args(["-p", "tcp://127.0.0.1:1", "--baud", "auto", "info"])).expect(3);
    assert!(tcp.stderr.contains("127.0.0.1:1"), "{}", tcp.stderr);
    let mut command = tool();
    command.env("FTP_MODEM_BAUD", "auto").args(["-p", rig.module.path(), "-v", "info"]);
    assert!(run(&mut command).expect(0).stderr.contains("answers at 115200 baud"));
}

#[test]
fn rate_and_flow_control_reach_the_port() {
    for (options, rate, flow) in [
        (&[][..], 115_200, FlowControl::None),
        (&["--baud", "9600", "--flow", "rts-cts"], 9600, FlowControl::Hardware),
        (&["--baud", "57600", "--flow", "none"], 57_600, FlowControl::None),
    ] {
        let (mut peer, host) = TTYPort::pair().unwrap();
        let machine = Machine::new();
        machine.plug(CABLE);
        machine.connect("ttyUSB32", &host.name().unwrap());
        drop(host);
        let listener = std::thread::spawn(move || {
            let mut byte = [0];
            // An error means that no program has the terminal open yet.
            wait_for("the probe", || peer.read(&mut byte).is_ok_and(|count| count == 1));
            (peer.baud_rate().unwrap(), peer.flow_control().unwrap())
        });
        run(tool_on(&machine, options).args(["ports", "--probe"])).expect(0);
        assert_eq!(listener.join().unwrap(), (rate, flow), "{options:?}");
    }
}

#[test]
fn help_states_the_precedence_of_options() {
    let help = run(tool().arg("--help")).expect(0).text();
    assert!(help.contains("an option takes precedence over its variable"), "{help}");
}
