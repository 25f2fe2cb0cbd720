//! The bearer: CGACT.

use ftp_modem::modem::AccessPoint;
use ftp_modem::{ErrorKind, FtpModem};

use super::play_online;

/// `ABORT` is a busy module, `ERROR` a refusal.
#[test]
fn an_aborted_activation_is_not_a_refused_one() {
    for (answer, kind) in [("ERROR", ErrorKind::BearerFailed), ("ABORT", ErrorKind::ModuleBusy)] {
        let lines = format!(
            r"
>> AT+CGACT?\r
<< \r\n+CGACT: 1,0\r\n\r\nOK\r\n
>> AT+CFUN=1\r
<< \r\nOK\r\n
>> AT+CGACT=1,1\r
<< \r\n{answer}\r\n
"
        );
        play_online(&lines, |modem| {
            let error = modem.attach(&AccessPoint::default()).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        });
    }
}
