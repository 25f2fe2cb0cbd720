//! A short session of every family.

use std::time::Duration;

use crate::emulator::{Family, MemoryServer, Module, Options};

/// Command lines or data, and how all that comes back ends.
type Exchange = (&'static str, &'static str);

/// From power-on to the ten bytes of `/f`.
const fn download(family: Family) -> &'static [Exchange] {
    match family {
        Family::Luat => &[
            ("AT+SAPBR=1,1\r", "\r\nOK\r\n"),
            ("AT+FTPCID=1;+FTPSERV=\"h\";+FTPUN=u;+FTPPW=p\r", "\r\nOK\r\n"),
            ("AT+FTPGETPATH=\"/\";+FTPGETNAME=\"f\"\r", "\r\nOK\r\n"),
            ("AT+FTPGET=1\r", "\r\n+FTPGET: 1,1\r\n"),
            ("AT+FTPGET=2,10\r", "\r\n+FTPGET: 2,10\r\n0123456789\r\nOK\r\n\r\n\r\n+FTPGET: 1,0\r\n"),
        ],
        Family::Fibocom => &[
            ("AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,\r", "\r\n+FTPOPEN: 1\r\n"),
            ("AT+FTPGET=\"f\"\r", "\r\n+FTPGET: 1\r\n"),
            ("AT+FTPRECV=10\r", "\r\n+FTPRECV: 10\r\n0123456789\r\nOK\r\n"),
        ],
        Family::Quectel => &[
            ("AT+QFTPOPEN=\"h\",21\r", "\r\n+QFTPOPEN: 0,0\r\n"),
            ("AT+QFTPGET=\"f\",\"COM:\"\r", "\r\nCONNECT\r\n0123456789\r\nOK\r\n\r\n+QFTPGET: 0,10\r\n"),
        ],
        Family::ChinaMobile => &[
            ("AT+MFTPCONN=0,\"h\"\r", "\r\n+MFTPCONN: 0,0\r\n"),
            ("AT+MFTPRETR=0,\"f\"\r", "\r\n+MFTPRETR: 0,0,10,10,0123456789\r\n"),
        ],
        Family::Generic => &[
            ("AT+FTPSERV=10.0.0.1\r", "\r\nOK\r\n"),
            ("AT+FTPUN=u\r", "\r\nOK\r\n"),
            ("AT+FTPPW=p\r", "\r\nOK\r\n"),
            ("AT+FTPGETNAME=f\r", "\r\nOK\r\n"),
            ("AT+FTPGET\r", "\r\n+FTPGET:10,0123456789\r\nOK\r\n"),
        ],
    }
}

#[test]
fn every_family_downloads_a_file_without_the_driver() {
    for family in Family::ALL {
        let server = MemoryServer::new();
        server.put("/f", "0123456789");
        let options = Options::default().with_pdp_active(true);
        let mut module = Module::new(family, server.remote(), options);
        for (sent, wanted) in download(family) {
            module.receive(Duration::ZERO, sent.as_bytes());
            let mut out = Vec::new();
            while module.next_event() == Some(Duration::ZERO) {
                module.transmit(Duration::ZERO, &mut out);
            }
            let answer = String::from_utf8_lossy(&out);
            assert!(answer.ends_with(wanted), "{family}: {sent:?} was answered with {answer:?}");
        }
    }
}
