//! Traps 48 to 54: bearer, restarts, missing commands, secrets, foreign lines.

use std::time::Duration;

use ftp_modem::emulator::{AddressForm, BearerLoss, LuatProfile, Noise, Options};
use ftp_modem::modem::{AccessPoint, Assurance, BinaryUpload, Retrieve, SessionState, Store};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use super::{PROFILES, SECOND, Wire, ok, online, online_on, opening, pattern, play, play_logged_in, sent, with};
use crate::support::bench::{Bench, PASSWORD, server};
use crate::support::watch::LEAKS;

/// Attaching and logging in again mends it.
#[track_caller]
fn mended(bench: &mut Bench, what: &str) {
    let bearer = bench.modem.attach(&AccessPoint::default()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(!bearer.was_up, "{what}");
    bench.modem.login(&server()).unwrap();
    bench.still_works();
}

#[test]
fn luat_trap_48_every_line_that_says_the_bearer_is_lost() {
    use LuatProfile::{Air780e, Sim800, Sim7000, Sim7080};
    for (profile, line) in [
        (Air780e, "+SAPBR 1: DEACT"),
        (Sim800, "+SAPBR 1: DEACT"),
        (Sim7000, "+SAPBR 1:DEACT"),
        (Air780e, "+PDP: DEACT"),
        (Air780e, "+CGEV: NW PDN DEACT 1"),
        (Air780e, "+CGEV: ME DETACH"),
        (Sim7000, "+APP PDP: DEACTIVE"),
        (Sim7080, "+APP PDP: 0,DEACTIVE"),
    ] {
        // It comes while the session is being opened; a second later the session's own result, 61.
        let options = with(|options| {
            options.profile = profile;
            options.bearer_loss = Some(BearerLoss { after: SECOND, line: line.to_owned() });
        });
        let mut bench = Bench::online_with(Vendor::Luat, options.with_network_latency(2 * SECOND));
        let before = bench.line.elapsed();
        let error = bench.modem.list("/").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerLost, "{profile:?} {line}: {error}");
        assert!(error.module_usable() && error.is_retryable(), "{line}: {error}");
        assert!(bench.line.elapsed() - before < 4 * SECOND, "{line}: at once");
        mended(&mut bench, line);
    }
    // Another bearer's loss is none of ours.
    for (profile, line) in
        [(Air780e, "+SAPBR 2: DEACT"), (Sim7080, "+APP PDP: 3,DEACTIVE"), (Air780e, "+CGEV: NW PDN DEACT 3")]
    {
        let (mut bench, wire) = Wire::online(with(|options| options.profile = profile));
        wire.says(line);
        bench.still_works();
    }
    // In the middle of the data, several lines, and one while nothing goes on.
    let (mut bench, wire) = Wire::online(Options::default());
    bench.files.put("/file.bin", pattern(5000));
    wire.when("AT+FTPGET=2", |module, now| {
        module.inject(now, "+SAPBR 1: DEACT");
        module.inject(now, "+PDP: DEACT");
        module.inject(now, "+CGEV: NW PDN DEACT 1");
    });
    let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerLost, "{error}");
    bench.modem.status().unwrap();
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.still_works();
    wire.says("+SAPBR 1: DEACT");
    bench.modem.attach(&AccessPoint::default()).unwrap();
    bench.still_works();
}

#[test]
fn luat_trap_49_a_restart_in_the_middle() {
    for line in ["RDY", "+CFUN: 1", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN"] {
        let (mut bench, wire) = Wire::online(with(|options| options.profile = LuatProfile::Sim800));
        bench.files.put("/file.bin", pattern(5000));
        wire.when("AT+FTPGET=2", move |module, now| {
            module.inject(now, line);
            module.restart(now);
        });
        let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{line}: {error}");
        assert!(error.module_usable(), "{line}: {error}");
        // The other lines of the same restart do not end the next call, too.
        assert_eq!(bench.modem.status().unwrap(), SessionState::Closed, "{line}");
        let error = bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
        // It is told the server again, and has no bearer yet.
        assert_eq!(error.kind(), ErrorKind::BearerLost, "{line}: {error}");
        mended(&mut bench, line);
    }
    // This one alone says nothing of the kind.
    let (mut bench, wire) = Wire::online(with(|options| options.profile = LuatProfile::Sim800));
    wire.says("Call Ready");
    bench.still_works();
    // An Air780E does not say it; the settings are gone all the same.
    let (mut bench, wire) = Wire::online(Options::default());
    wire.now(|module, now| module.restart(now));
    let error = bench.modem.list("/").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModuleRestarted, "{error}");
    mended(&mut bench, "silent restart");
    // While a command is under way.
    let (mut bench, wire) = Wire::online(Options::default());
    bench.files.put("/file.bin", pattern(5000));
    wire.when("AT+FTPGET=2", |module, now| module.restart(now));
    bench.download("/file.bin", &Retrieve::whole()).unwrap_err();
    assert_eq!(bench.modem.list("/").unwrap_err().kind(), ErrorKind::ModuleRestarted);
    mended(&mut bench, "silent restart");
}

#[test]
fn luat_trap_50_a_bearer_that_is_open_and_its_address() {
    for form in [AddressForm::Quoted, AddressForm::Bare, AddressForm::ZeroPadded] {
        for open in [true, false] {
            let options = with(|options| {
                options.bearer_open = open;
                options.address_form = form;
            });
            let mut bench = Bench::with(Vendor::Luat, options.with_ip_address("10.9.255.61"));
            let bearer = bench.modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!((bearer.was_up, bearer.address), (open, Some("10.9.255.61".parse().unwrap())), "{form:?}");
            assert_eq!(sent(&bench, "AT+SAPBR=1,").is_empty(), open, "an open bearer is not opened");
            bench.modem.detach().unwrap();
            bench.modem.detach().unwrap();
        }
    }
    // Connected without an address: closed and opened again, and not used as it is.
    for open in [true, false] {
        let options = with(|options| options.bearer_open = open).with_ip_address("0.0.0.0");
        let mut bench = Bench::with(Vendor::Luat, options);
        let error = bench.modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
        assert_eq!(sent(&bench, "AT+SAPBR=0,").len(), usize::from(open));
    }
    // Opened by somebody else between the look and the command.
    for answer in ["ERROR", "+CME ERROR: 3"] {
        let text = opening("AirM2M_780E_V1169_LTE_AT")
            + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,3,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
            + &ok(&["AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"", "AT+SAPBR=3,1,\"APN\",\"\""])
            + &format!(">> AT+SAPBR=1,1\\r\n<< \\r\\n{answer}\\r\\n\n")
            + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,010.169.179.213\\r\\n\\r\\nOK\\r\\n\n";
        play(&text, |modem| {
            let bearer = modem.attach(&AccessPoint::default()).unwrap();
            assert_eq!(bearer.address, Some("10.169.179.213".parse().unwrap()));
        });
    }
}

#[test]
fn luat_trap_51_a_bearer_that_takes_its_time() {
    let text = opening("AirM2M_780E_V1169_LTE_AT")
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,3,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + &ok(&["AT+SAPBR=3,1,\"CONTYPE\",\"GPRS\"", "AT+SAPBR=3,1,\"APN\",\"\""])
        + ">> AT+SAPBR=1,1\\r\n@ 84.5\n<< \\r\\nOK\\r\\n\n"
        // Still connecting when asked first.
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,0,\"0.0.0.0\"\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+SAPBR=2,1\\r\n<< \\r\\n+SAPBR: 1,1,\"10.39.255.61\"\\r\\n\\r\\nOK\\r\\n\n"
        + ">> AT+SAPBR=0,1\\r\n@ 64.5\n<< \\r\\nOK\\r\\n\n";
    play(&text, |modem| {
        assert!(!modem.attach(&AccessPoint::default()).unwrap().was_up);
        modem.detach().unwrap();
    });
}

#[test]
fn luat_trap_52_commands_that_the_firmware_lacks() {
    let lacking = |name: &str| online(|options| options.missing_commands = vec![name.to_owned()]);
    // Without FTPSIZE a download is possible, but not as sure.
    let mut bench = lacking("+FTPSIZE");
    bench.files.put("/file.bin", pattern(5000));
    let error = bench.modem.size("/file.bin").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let mut bytes = Vec::new();
    let transfer = bench.modem.retrieve("/file.bin", &Retrieve::whole(), &mut bytes).unwrap();
    assert_eq!((bytes == pattern(5000), transfer.assurance), (true, Assurance::Unconfirmed));

    // Without FTPTYPE bytes may change: no transfer, unless asked for, but everything else.
    let mut bench = lacking("+FTPTYPE");
    assert_eq!(bench.modem.capabilities().binary_upload, BinaryUpload::OptIn);
    bench.files.put("/file.bin", pattern(50));
    assert_eq!(bench.download("/file.bin", &Retrieve::whole()).unwrap_err().kind(), ErrorKind::Unsupported);
    let error = bench.modem.store("/up.bin", &Store::create(), &mut &b"text"[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert_eq!(bench.upload("/up.bin", b"text").unwrap().bytes, 4, "with force_binary");
    assert_eq!(bench.modem.size("/file.bin").unwrap(), 50);
    assert_eq!(bench.modem.list("/").unwrap().len(), 2);
    // The SIM7080 starts binary.
    let mut bench = online(|options| {
        options.profile = LuatProfile::Sim7080;
        options.missing_commands = vec!["+FTPTYPE".into()];
    });
    bench.still_works();

    // Without FTPQUIT a whole file can be had; one that is stopped in the middle leaves a session that cannot be ended, and that
    // is said.
    let mut bench = lacking("+FTPQUIT");
    bench.still_works();
    bench.upload("/up.bin", &pattern(5000)).unwrap();
    bench.files.put("/file.bin", pattern(5000));
    let error = bench.download("/file.bin", &Retrieve::whole().with_length(5)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::ModuleRefused, Some(5)), "{error}");
    assert!(!error.module_usable(), "{error}");
}

#[test]
fn luat_trap_53_no_password_in_logs_or_errors() {
    for profile in PROFILES {
        for noise in [false, true] {
            let mut options = with(|options| options.profile = profile).with_echo(true).with_fragment(3);
            options.noise = noise.then(|| Noise::new(5));
            options.luat.stubborn_echo = true;
            let mut bench = Bench::with(Vendor::Luat, options);
            let secret = AccessPoint::new("apn").with_credentials("u", &PASSWORD[..12], Default::default());
            // The emulated SIM7080 has no CNCFG, so it refuses the access point; the transcript of it stands elsewhere.
            println!("{:?}", bench.modem.attach(&secret));
            bench.modem.attach(&AccessPoint::default()).unwrap();
            bench.modem.login(&server()).unwrap();
            bench.still_works();
        }
    }
    // A module that says it by itself (the answer to FTPSCONT?, an echo in the wrong place).
    let (mut bench, wire) = Wire::online(Options::default());
    wire.says(&format!("+FTPPW: \"{PASSWORD}\""));
    wire.says(&format!("AT+FTPPW=\"{PASSWORD}\""));
    bench.still_works();
    // An error at the very command.
    let text = opening("AirM2M_780E_V1169_LTE_AT")
        + &ok(&["AT+FTPCID=1", "AT+FTPSERV=\"192.0.2.7\"", "AT+FTPPORT=2121", "AT+FTPUN=\"logger\""])
        + &format!(">> AT+FTPPW=\"{PASSWORD}\"\\r\n<< \\r\\n+CME ERROR: {PASSWORD}\\r\\n\n");
    play(&text, |modem| {
        let error = modem.login(&server()).unwrap_err();
        let shown = format!("{error} {error:?} {:?} {:?}", error.command(), error.module_code());
        assert!(!shown.contains(PASSWORD), "{shown}");
    });
    assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn luat_trap_54_foreign_lines_behind_and_within_data() {
    // Behind the data, before OK.
    let mut noise = Noise::new(3);
    (noise.one_in, noise.before_result) = (1, true);
    noise.lines = vec!["+SMSUB: \"a\",\"b\"".into(), "+CMTI: \"SM\",3".into()];
    let mut bench = Bench::online_with(Vendor::Luat, Options::default().with_noise(noise));
    for bytes in [pattern(5000), b"ends in a line\r\n".to_vec()] {
        bench.files.put("/file.bin", bytes.clone());
        assert!(bench.download("/file.bin", &Retrieve::whole()).unwrap() == bytes);
    }
    // Within the counted data: what follows the count is not a line end, and the block is not believed.
    let foreign = "\\r\\n+SMSUB: 1\\r\\n";
    let quit = ">> ATI\\r\n<< \\r\\nAirM2M_780E_V1169_LTE_AT\\r\\n\\r\\nOK\\r\\n\n>> AT+FTPQUIT\\r\n<< \\r\\nOK\\r\\n\\r\\n+FTPGET: 1,86\\r\\n\n";
    let text = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"f\"", "AT+FTPSIZE"])
        + "<< \\r\\n+FTPSIZE: 1,0,10\\r\\n\n"
        + &ok(&["AT+FTPREST=0", "AT+FTPGET=1"])
        + "<< \\r\\n+FTPGET: 1,1\\r\\n\n>> AT+FTPGET=2,1460\\r\n"
        + &format!("<~ \\r\\n+FTPGET: 2,10\\r\\n12345{foreign}67890\\r\\nOK\\r\\n\n")
        + quit;
    play_logged_in(&text, |modem| {
        let mut received = Vec::new();
        let error = modem.retrieve("/f", &Retrieve::whole(), &mut received).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Protocol, Some(0)), "{error}");
        assert!(received.is_empty(), "what cannot be told apart is not delivered");
        assert!(error.module_usable(), "{error:?}");
    });
}

/// The network gives the bearer only after a while, or not at all.
#[test]
fn bearers_of_every_family() {
    for profile in PROFILES {
        let mut bench = online_on(profile);
        assert!(bench.modem.attach(&AccessPoint::default()).unwrap().was_up, "{profile:?}");
        bench.modem.detach().unwrap();
        bench.modem.status().unwrap();
        bench.modem.detach().unwrap();
        assert_eq!(bench.modem.list("/").unwrap_err().kind(), ErrorKind::BearerLost, "{profile:?}");
        mended(&mut bench, &format!("{profile:?}"));

        let mut bench = Bench::with(Vendor::Luat, with(|options| options.profile = profile).with_registered(false));
        let before = bench.line.elapsed();
        let error = bench.modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{profile:?}: {error}");
        assert!(bench.line.elapsed() - before < Duration::from_secs(94));
    }
}
