//! No secret leaves the process except on the wire to the module.

use ftp_modem::emulator::{Damage, Options};
use ftp_modem::modem::{AccessPoint, Authentication};
use ftp_modem::{FtpModem, Server, Vendor};

use crate::for_each_dialect;
use crate::support::access::{HOST, PASSWORD, USER, server};
use crate::support::rig::AnyRig;
use crate::support::watch::{LEAKS, LINES};

for_each_dialect! {
    fn the_password_is_in_no_log_and_no_error(vendor: Vendor) {
        let mut shown = String::new();
        for echo in [true, false] {
            let mut rig = AnyRig::open_with(vendor, Options::default().with_echo(echo));
            let access_point = AccessPoint::new("cmnet").with_credentials("user", PASSWORD, Authentication::Pap);
            shown += &format!("{access_point:?}");
            if let Err(error) = rig.modem.attach(&access_point) {
                shown += &format!("{error} {error:#?}");
                rig.modem.attach(&AccessPoint::default()).unwrap();
            }
            for (user, port) in [(USER, 2121), ("another-user", 2121), (USER, 1)] {
                rig.files.refuse_port(1);
                let server = Server::new(HOST, user, PASSWORD).with_port(port);
                shown += &format!("{server:?}");
                let login = rig.modem.login(&server).and_then(|()| rig.modem.list("/").map(drop));
                if let Err(error) = login {
                    shown += &format!("{error} {error:#?}");
                }
            }
            let over_long = format!("{PASSWORD}{}", "x".repeat(300));
            let error = rig.modem.login(&Server::new(HOST, USER, over_long)).unwrap_err();
            shown += &format!("{error} {error:#?}");
            rig.modem.login(&server()).unwrap();
            rig.still_works();
        }
        assert!(!shown.contains(PASSWORD), "{shown}");
        assert!(*LINES.lock().unwrap() > 0, "nothing was logged at all");
        assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
    }
}

/// Lines of a file that look like what the module says, each with private text.
const LINES_OF_A_FILE: &str = concat!(
    "PRIVATE-PAYLOAD\r\n\r\n+MFTPRETR: 0,0,4096,1024,PRIVATE-PAYLOAD\r\n+QFTPGET: PRIVATE-PAYLOAD\r\n",
    "+FTPGET: 1,PRIVATE-PAYLOAD\r\n+FTPRECV: 5,PRIVATE-PAYLOAD\r\nOK PRIVATE-PAYLOAD\r\n+CREG: PRIVATE-PAYLOAD\r\n",
    "+CME ERROR: PRIVATE-PAYLOAD\r\n\"PRIVATE-PAYLOAD\"\r\n",
);

for_each_dialect! {
    fn file_data_are_in_no_log_whatever_the_line_does(vendor: Vendor) {
        let file = LINES_OF_A_FILE.repeat(60).into_bytes();
        for position in (0..6000).step_by(211) {
            for count in [1u64, 40] {
                let mut rig = AnyRig::online(vendor);
                rig.files.put("/a", file.clone());
                let plan = (0..count).map(|index| Damage::Delete.of_output(position + index)).collect();
                rig.line.play(plan);
                // Whatever comes of it.
                let _ = rig.download("/a");
                let _ = rig.upload("/b", &file);
            }
        }
        assert_eq!(*LEAKS.lock().unwrap(), Vec::<String>::new());
    }
}
