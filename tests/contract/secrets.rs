//! No secret leaves the process except on the wire to the module.

use ftp_modem::emulator::Options;
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
