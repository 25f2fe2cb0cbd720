use ftp_modem::backend::generic::Generic;
use ftp_modem::{FtpModem, Result};

use super::connection;

pub fn own(modem: &mut Generic, which: u8, how: u8) -> Result<()> {
    match which {
        0 => modem.configuration().map(drop),
        1 => modem.use_data_connection(connection(how)),
        _ => modem.use_upload_block(1 + 100 * usize::from(how)).map(drop),
    }
}
