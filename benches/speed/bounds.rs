//! The largest share of the line that each dialect's manual leaves for payload: the largest block, and the lines around
//! it.

use ftp_modem::Vendor;

use crate::rig::{FILE, Way};

/// One block of payload and its lines, as the manuals print them, with echo off.
pub struct Exchange {
    /// Largest number of payload bytes per command. `None` if one command carries the whole file.
    pub command_block: Option<usize>,
    /// Largest number of payload bytes between two lines. `None` if no line interrupts the file.
    line_block: Option<usize>,
    /// Number of other bytes per block, in both directions.
    around: usize,
    /// Number of commands of a transfer that carry no block.
    pub set_up: usize,
}

impl Exchange {
    pub fn of(vendor: Vendor, way: Way) -> Exchange {
        let path = FILE.len();
        let lines = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
        let (block, around, set_up) = match (vendor, way) {
            // FTPGET=2,1460 is the maximum. Before it: FTPGETPATH, FTPGETNAME, FTPSIZE, FTPREST and FTPGET=1.
            (Vendor::Luat, Way::Get) => {
                (1460, lines(&["AT+FTPGET=2,1460\r", "\r\n+FTPGET: 2,1460\r\n", "\r\nOK\r\n"]), 5)
            }
            // `+FTPPUT: 1,1,<n>` states the maximum for each block, here 1360. Other commands: FTPPUTOPT, FTPPUTNAME,
            // FTPPUTPATH, FTPPUT=1 and FTPPUT=2,0.
            (Vendor::Luat, Way::Put) => (
                1360,
                lines(&["AT+FTPPUT=2,1360\r", "\r\n+FTPPUT: 2,1360\r\n", "\r\nOK\r\n", "\r\n+FTPPUT: 1,1,1360\r\n"]),
                5,
            ),
            // Other commands: FTPSIZE and FTPGET.
            (Vendor::Fibocom, Way::Get) => {
                (2048, lines(&["AT+FTPRECV=2048\r", "\r\n+FTPRECV: 2048\r\n", "\r\nOK\r\n"]), 2)
            }
            (Vendor::Fibocom, Way::Put) => {
                (3072, path + lines(&["AT+FTPPUT=\"\",3072,0,1\r", "\r\n+FTPPUT: 2,3072\r\n", "\r\nOK\r\n"]), 0)
            }
            // QFTPSIZE, and one counted transfer of any size.
            (Vendor::Quectel, Way::Get) => return Exchange::whole(1),
            (Vendor::Quectel, Way::Put) => return Exchange::whole(0),
            // MFTPLIST, and one command for the whole file. The module chooses the size of the pieces, here 1024 bytes.
            (Vendor::ChinaMobile, Way::Get) => {
                let around = lines(&["\r\n+MFTPRETR: 0,0,999424,1024,", "\r\n"]);
                return Exchange { line_block: Some(1024), around, ..Exchange::whole(1) };
            }
            (Vendor::ChinaMobile, Way::Put) => (
                4096,
                path + lines(&["AT+MFTPSTOR=0,\"\",0,4096\r", "\r\n>", "\r\nOK\r\n", "\r\n+MFTPSTOR: 0,0,4096\r\n"]),
                0,
            ),
            // FTPPATH, FTPLIST, FTPGETNAME, FTPRESET, and one FTPGET.
            (Vendor::Generic, Way::Get) => return Exchange::whole(4),
            // The command line carries the payload. Other commands: FTPPUTNAME and FTPPUT=0.
            (Vendor::Generic, Way::Put) => (512, lines(&["AT+FTPPUT=512,\r", "\r\nOK\r\n"]), 2),
            (other, _) => panic!("no bound for {other}"),
        };
        Exchange { command_block: Some(block), line_block: Some(block), around, set_up }
    }

    /// Creates the exchange of one command for the whole file.
    fn whole(set_up: usize) -> Exchange {
        Exchange { command_block: None, line_block: None, around: 0, set_up }
    }

    /// Returns the number of commands that carry `bytes` bytes.
    pub fn blocks(&self, bytes: usize) -> usize {
        self.command_block.map_or(1, |block| bytes.div_ceil(block))
    }

    /// Returns the largest share of the line that payload can have.
    pub fn bound(&self) -> f64 {
        self.line_block.map_or(1.0, |block| block as f64 / (block + self.around) as f64)
    }
}
