use ftp_modem::backend::luat::Luat;
use ftp_modem::modem::AccessPoint;
use ftp_modem::{FtpModem, Result};

use super::connection;

pub fn own(modem: &mut Luat, which: u8, how: u8) -> Result<()> {
    match which {
        0 => modem.private_access_point().map(drop),
        1 => modem.set_private_access_point(&AccessPoint::new("private")).map(drop),
        2 => modem.clear_private_access_point().map(drop),
        3 => modem.attach_private(&AccessPoint::new("private")).map(drop),
        4 => modem.use_bearer(how).map(drop),
        _ => modem.use_data_connection(connection(how)),
    }
}
