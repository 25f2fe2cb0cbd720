//! Lines that the module prints of its own accord, between, behind and within answers.

use ftp_modem::emulator::{Noise, Options};
use ftp_modem::modem::Retrieve;
use ftp_modem::{ErrorKind, FtpModem};

use super::{Rig, every_operation_works, play_online, with};
use crate::support::payload::pattern;
use crate::support::replay::ok;

/// Seen at power-on of an Air780EP (`+CGEV:`, `+NITZ:`) and on SIM800 modules (`*PSUTTZ:`, `DST:`, `+CIEV:`;
/// kosma/attentive, src/modem/sim800.c).
#[test]
fn unknown_lines_are_skipped() {
    for seed in 0..4 {
        let mut noise = Noise::new(seed);
        noise.one_in = 1;
        let lines = [
            "+CGEV: ME PDN ACT 1",
            "+NITZ: 24/08/09,01:34:58+32,0",
            "*PSUTTZ: 2024,8,9,1",
            "DST: 0",
            "+CIEV: 10,\"46000\"",
        ];
        noise.lines = lines.map(str::to_owned).into();
        every_operation_works(Rig::online(Options::default().with_noise(noise)), &format!("noise {seed}"));
    }
}

/// The driver reads what has arrived before it sends a command: a bearer that is lost, or a transfer that failed, is
/// not flushed away.
#[test]
fn a_result_code_that_waits_before_a_command_counts() {
    let mut rig = Rig::online(Options::default());
    rig.line.say("+CREG: 1");
    rig.line.say("+SAPBR 1: DEACT");
    let error = rig.modem.size("/x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BearerLost, "{error}");
    // In an upload, the failure that comes just before the next block.
    let mut rig = Rig::online(with(|options| options.put_reannounced = false));
    rig.line.before("AT+FTPPUT=2", |module, now| module.inject(now, "+FTPPUT: 1,78"));
    let error = rig.upload("/up.bin", &pattern(5000)).unwrap_err();
    assert_eq!((error.kind(), error.transferred()), (ErrorKind::DataConnection, Some(1360)), "{error}");
}

/// FTPGETTOFS, FTPPUTFRMFS and FTPEXTGET of another program end with lines of one or two numbers (AT manual); the
/// driver uses none of the first two.
#[test]
fn lines_of_transfers_into_the_module_are_skipped() {
    for line in
        ["+FTPGETTOFS: 61", "+FTPGETTOFS: 0,245900", "+FTPGETTOFS: 1,5,5", "+FTPPUTFRMFS: 85", "+FTPEXTGET: 1,0"]
    {
        let mut noise = Noise::new(1);
        (noise.one_in, noise.lines) = (1, vec![line.to_owned()]);
        let mut rig = Rig::online(Options::default().with_noise(noise));
        rig.files.put("/file.bin", pattern(3000));
        assert!(rig.download("/file.bin").unwrap() == pattern(3000), "{line}");
        rig.upload("/up.bin", &pattern(3000)).unwrap();
        assert!(rig.files.file("/up.bin").unwrap() == pattern(3000), "{line}");
    }
}

/// A user of the SIM7080 had to strip `+SMSUB:` lines out of file data. Behind the counted data such a line is
/// harmless. Within them the driver cannot tell it from the file, and refuses the data.
#[test]
fn a_foreign_line_behind_data_is_skipped_and_within_data_is_an_error() {
    // Behind the data, before OK.
    let mut noise = Noise::new(3);
    (noise.one_in, noise.before_result) = (1, true);
    noise.lines = vec!["+SMSUB: \"a\",\"b\"".into(), "+CMTI: \"SM\",3".into()];
    let mut rig = Rig::online(Options::default().with_noise(noise));
    for bytes in [pattern(5000), b"ends in a line\r\n".to_vec()] {
        rig.files.put("/file.bin", bytes.clone());
        assert!(rig.download("/file.bin").unwrap() == bytes);
    }
    // Within the counted data: no line end follows the count, and the block is refused.
    let foreign = "\\r\\n+SMSUB: 1\\r\\n";
    let quit = concat!(
        ">> ATI\\r\n<< \\r\\nAirM2M_780E_V1169_LTE_AT\\r\\n\\r\\nOK\\r\\n\n",
        ">> AT+FTPQUIT\\r\n<< \\r\\nOK\\r\\n\\r\\n+FTPGET: 1,86\\r\\n\n"
    );
    let text = ok(&["AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"f\"", "AT+FTPSIZE"])
        + "<< \\r\\n+FTPSIZE: 1,0,10\\r\\n\n"
        + &ok(&["AT+FTPREST=0", "AT+FTPGET=1"])
        + "<< \\r\\n+FTPGET: 1,1\\r\\n\n>> AT+FTPGET=2,1460\\r\n"
        + &format!("<~ \\r\\n+FTPGET: 2,10\\r\\n12345{foreign}67890\\r\\nOK\\r\\n\n")
        + quit;
    play_online(&text, |modem| {
        let mut received = Vec::new();
        let error = modem.retrieve("/f", &Retrieve::whole(), &mut received).unwrap_err();
        assert_eq!((error.kind(), error.transferred()), (ErrorKind::Protocol, Some(0)), "{error}");
        assert!(received.is_empty(), "nothing of the block is delivered");
        assert!(error.module_usable(), "{error:?}");
    });
}
