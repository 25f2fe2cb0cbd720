//! How lines are printed.

use ftp_modem::emulator::Spacing;
use ftp_modem::{ErrorKind, FtpModem, Server};

use super::{Rig, every_operation_works, online, play_online, with};

/// Blanks in the commands of the manual (`AT+ FTPMODE =0`) are typesetting; its answers have blanks behind the colon or
/// none, `+ FTP…`, and a full-width colon.
#[test]
fn blanks_and_colons_vary() {
    for spacing in [Spacing::Native, Spacing::AfterColon, Spacing::None, Spacing::AfterCommas] {
        let mut rig = Rig::online(with(|_| {}).with_spacing(spacing));
        every_operation_works(&mut rig);
        let sent = rig.line.text();
        assert!(!sent.contains("AT+ ") && !sent.contains(" ="), "{sent}");
    }
    // A blank behind the plus, and a full-width colon.
    let lines = r"
>> AT+FTPQUIT\r
<< \r\nOK\r\n
>> AT+FTPPORT=21\r
<< \r\nOK\r\n
>> AT+FTPMODE=1\r
<< \r\nOK\r\n
>> AT+FTPSERV=10.0.0.1\r
<< \r\n+FTPSERV\xef\xbc\x9a3\r\nOK\r\n
";
    play_online(lines, |modem| {
        modem.logout().unwrap();
        let error = modem.login(&Server::new("10.0.0.1", "u", "p")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectFailed, "{error}");
    });
}

/// The manual prints the prefix of FTPUN for FTPPW, of FTPMKD for FTPRMD, of FTPMODE for FTPSERV. FTPSCON is read
/// whatever its lines begin with.
#[test]
fn an_answer_may_have_another_prefix() {
    let mut rig = online(|it| it.misprints = true);
    assert!(rig.modem.configuration().unwrap().len() > 5);
    every_operation_works(&mut rig);
    assert!(!rig.line.text().contains('?') || !rig.line.text().contains("+FTPGETNAME?"));
    for heading in ["+FTPSCON \\xef\\xbc\\x9a", "+FTPMODE:"] {
        play_online(
            &format!(
                r"
>> AT+FTPSCON\r
<< \r\n{heading}\r\nXXX\r\n+ FTPPW: p\r\nOK\r\n
"
            ),
            |modem| {
                let lines = modem.configuration().unwrap();
                assert_eq!(lines.len(), 3);
                assert_eq!(lines[1..], ["XXX", "+ FTPPW:***"]);
            },
        );
    }
}
