use std::io;

use ftp_modem::backend::quectel::{ListFormat, Pacing, Quectel, Storage};
use ftp_modem::{Result, Retrieve, Store};

pub fn own(modem: &mut Quectel, which: u8, how: u8) -> Result<()> {
    const NAME: &str = "UFS:a.bin";
    match (which, how) {
        (0, _) => modem.retrieve_from_module(NAME, &Retrieve::from(u64::from(how)), &mut io::sink()).map(drop),
        (1, 0) => modem.store_to_module(NAME, 3000, Pacing::Flow, &mut &[b'x'; 3000][..]).map(drop),
        (1, _) => modem.store_to_module(NAME, 3000, Pacing::Acknowledged, &mut &[b'x'; 3000][..]).map(drop),
        (2, _) => modem.retrieve_to_module("/a.bin", NAME, u64::from(how)).map(drop),
        (3, 0) => modem.store_from_module(NAME, "/a.bin").map(drop),
        (3, 1) => modem.list_to_module(ListFormat::Facts, "/logs", NAME).map(drop),
        (3, _) => modem.transfer_length().map(drop),
        (4, 0) => modem.list_module(Storage::Ufs).map(drop),
        (4, 1) => modem.module_space(Storage::Sd).map(drop),
        (4, 2) => modem.module_file_size(NAME).map(drop),
        (4, _) => modem.remove_from_module(NAME).map(drop),
        (5, _) => modem.list_facts("/logs").map(drop),
        _ => modem.store_uncounted("/a.bin", &Store::create(), &mut &[b'x'; 2000][..]).map(drop),
    }
}
