//! What each dialect's manual leaves of a line for payload: the largest block, and what is said around each.

use ftp_modem::Vendor;

use crate::rig::{FILE, Way};

/// One block of payload and the lines it takes, as the documents print them with echo off.
pub struct Exchange {
    /// Most payload bytes in it; none where one exchange carries the whole file.
    pub block: Option<usize>,
    /// Everything else on the line, both ways.
    pub around: usize,
}

impl Exchange {
    pub fn of(vendor: Vendor, way: Way) -> Exchange {
        let path = FILE.len();
        let lines = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
        let (block, around) = match (vendor, way) {
            // FTPGET=2,1460 is the most that is allowed.
            (Vendor::Luat, Way::Get) => {
                (Some(1460), lines(&["AT+FTPGET=2,1460\r", "\r\n+FTPGET: 2,1460\r\n", "\r\nOK\r\n"]))
            }
            // The module names the most it takes in `+FTPPUT: 1,1,<n>`, here 1360, and does so again for each block.
            (Vendor::Luat, Way::Put) => (
                Some(1360),
                lines(&["AT+FTPPUT=2,1360\r", "\r\n+FTPPUT: 2,1360\r\n", "\r\nOK\r\n", "\r\n+FTPPUT: 1,1,1360\r\n"]),
            ),
            (Vendor::Fibocom, Way::Get) => {
                (Some(2048), lines(&["AT+FTPRECV=2048\r", "\r\n+FTPRECV: 2048\r\n", "\r\nOK\r\n"]))
            }
            (Vendor::Fibocom, Way::Put) => {
                (Some(2048), path + lines(&["AT+FTPPUT=\"\",2048,0,1\r", "\r\n+FTPPUT: 2,2048\r\n", "\r\nOK\r\n"]))
            }
            // One counted transfer, whatever the size.
            (Vendor::Quectel, _) => (None, 0),
            (Vendor::ChinaMobile, Way::Get) => (Some(1024), lines(&["\r\n+MFTPRETR: 0,0,1048576,1024,", "\r\n"])),
            (Vendor::ChinaMobile, Way::Put) => (
                Some(4096),
                path + lines(&["AT+MFTPSTOR=0,\"\",0,4096\r", "\r\n>", "\r\nOK\r\n", "\r\n+MFTPSTOR: 0,0,4096\r\n"]),
            ),
            (Vendor::Generic, Way::Get) => (None, 0),
            (Vendor::Generic, Way::Put) => (Some(512), lines(&["AT+FTPPUT=512,\r", "\r\nOK\r\n"])),
            (other, _) => panic!("no bound for {other}"),
        };
        Exchange { block, around }
    }

    /// The largest part of the line that payload can have.
    pub fn bound(&self) -> f64 {
        self.block.map_or(1.0, |block| block as f64 / (block + self.around) as f64)
    }
}
