use std::io;

use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::{FtpModem, Result, Retrieve, Store};

use super::connection;

pub fn own(modem: &mut Fibocom, which: u8, how: u8) -> Result<()> {
    match which {
        0 => modem.retrieve_streamed("/a.bin", &Retrieve::from(u64::from(how)), &mut io::sink()).map(drop),
        1 => modem.store_streamed("/a.bin", &Store::create(), &mut &[b'x'; 2000][..]).map(drop),
        2 => modem.system().map(drop),
        3 => modem.stat(if how == 0 { "" } else { "/logs" }).map(drop),
        4 => modem.cache_size().map(drop),
        5 => modem.resize_cache(2048).map(drop),
        _ if how == 0 => modem.use_data_connection(connection(how)),
        _ => modem.noop().map(drop),
    }
}
