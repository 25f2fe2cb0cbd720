use std::io;

use ftp_modem::backend::china_mobile::{ChinaMobile, Settings};
use ftp_modem::modem::{FileType, StoreMode};
use ftp_modem::{Result, Retrieve};

pub fn own(modem: &mut ChinaMobile, which: u8, how: u8) -> Result<()> {
    const NAME: &str = "/usr/a.bin";
    match which {
        0 => modem.retrieve_to_module("/a.bin", NAME, &Retrieve::from(u64::from(how))).map(drop),
        1 => modem.store_from_module(NAME, "/a.bin", StoreMode::Create).map(drop),
        2 => modem.write_file(NAME, 3000, &mut &[b'x'; 3000][..]).map(drop),
        3 => modem.read_file(NAME, &mut io::sink()).map(drop),
        4 if how == 0 => modem.configuration().map(drop),
        4 => modem.connections().map(drop),
        5 => modem.use_connection(how).map(drop),
        _ if how == 0 => {
            let mut settings = Settings::default();
            settings.file_type = FileType::Text;
            modem.configure(settings).map(drop)
        }
        _ => modem.remove_file(NAME).map(drop),
    }
}
