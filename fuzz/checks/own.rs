//! Operations that only one backend has.

use std::io;

use ftp_modem::backend::china_mobile::{self, ChinaMobile};
use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::backend::generic::Generic;
use ftp_modem::backend::luat::Luat;
use ftp_modem::backend::quectel::{ListFormat, Pacing, Quectel, Storage};
use ftp_modem::modem::{AccessPoint, DataConnection, FileType, StoreMode};
use ftp_modem::{FtpModem, Result, Retrieve, Store};

/// Runs operation `which`, 0 to 6, in variant `how`, 0 to 7, of those that only one dialect has; nothing for a dialect
/// without any.
pub fn operate(modem: &mut dyn FtpModem, which: u8, how: u8) -> Result<()> {
    if let Some(luat) = modem.downcast_mut::<Luat>() {
        luat.own(which, how)
    } else if let Some(fibocom) = modem.downcast_mut::<Fibocom>() {
        fibocom.own(which, how)
    } else if let Some(quectel) = modem.downcast_mut::<Quectel>() {
        quectel.own(which, how)
    } else if let Some(china_mobile) = modem.downcast_mut::<ChinaMobile>() {
        china_mobile.own(which, how)
    } else if let Some(generic) = modem.downcast_mut::<Generic>() {
        generic.own(which, how)
    } else {
        Ok(())
    }
}

trait Own {
    fn own(&mut self, which: u8, how: u8) -> Result<()>;
}

impl Own for Luat {
    fn own(&mut self, which: u8, how: u8) -> Result<()> {
        match which {
            0 => self.private_access_point().map(drop),
            1 => self.set_private_access_point(&AccessPoint::new("private")).map(drop),
            2 => self.clear_private_access_point().map(drop),
            3 => self.attach_private(&AccessPoint::new("private")).map(drop),
            4 => self.use_bearer(how).map(drop),
            _ => self.use_data_connection(connection(how)),
        }
    }
}

impl Own for Fibocom {
    fn own(&mut self, which: u8, how: u8) -> Result<()> {
        match which {
            0 => self.retrieve_streamed("/a.bin", &Retrieve::from(u64::from(how)), &mut io::sink()).map(drop),
            1 => self.store_streamed("/a.bin", &Store::create(), &mut &[b'x'; 2000][..]).map(drop),
            2 => self.system().map(drop),
            3 => self.stat(if how == 0 { "" } else { "/logs" }).map(drop),
            4 => self.cache_size().map(drop),
            5 => self.resize_cache(2048).map(drop),
            _ if how == 0 => self.use_data_connection(connection(how)),
            _ => self.noop().map(drop),
        }
    }
}

impl Own for Quectel {
    fn own(&mut self, which: u8, how: u8) -> Result<()> {
        const NAME: &str = "UFS:a.bin";
        match (which, how) {
            (0, _) => self.retrieve_from_module(NAME, &Retrieve::from(u64::from(how)), &mut io::sink()).map(drop),
            (1, 0) => self.store_to_module(NAME, 3000, Pacing::Flow, &mut &[b'x'; 3000][..]).map(drop),
            (1, _) => self.store_to_module(NAME, 3000, Pacing::Acknowledged, &mut &[b'x'; 3000][..]).map(drop),
            (2, _) => self.retrieve_to_module("/a.bin", NAME, u64::from(how)).map(drop),
            (3, 0) => self.store_from_module(NAME, "/a.bin").map(drop),
            (3, 1) => self.list_to_module(ListFormat::Facts, "/logs", NAME).map(drop),
            (3, _) => self.transfer_length().map(drop),
            (4, 0) => self.list_module(Storage::Ufs).map(drop),
            (4, 1) => self.module_space(Storage::Sd).map(drop),
            (4, 2) => self.module_file_size(NAME).map(drop),
            (4, _) => self.remove_from_module(NAME).map(drop),
            (5, _) => self.list_facts("/logs").map(drop),
            _ => self.store_uncounted("/a.bin", &Store::create(), &mut &[b'x'; 2000][..]).map(drop),
        }
    }
}

impl Own for ChinaMobile {
    fn own(&mut self, which: u8, how: u8) -> Result<()> {
        const NAME: &str = "/usr/a.bin";
        match which {
            0 => self.retrieve_to_module("/a.bin", NAME, &Retrieve::from(u64::from(how))).map(drop),
            1 => self.store_from_module(NAME, "/a.bin", StoreMode::Create).map(drop),
            2 => self.write_file(NAME, 3000, &mut &[b'x'; 3000][..]).map(drop),
            3 => self.read_file(NAME, &mut io::sink()).map(drop),
            4 if how == 0 => self.configuration().map(drop),
            4 => self.connections().map(drop),
            5 => self.use_connection(how).map(drop),
            _ if how == 0 => {
                let mut settings = china_mobile::Settings::default();
                settings.file_type = FileType::Text;
                self.configure(settings).map(drop)
            }
            _ => self.remove_file(NAME).map(drop),
        }
    }
}

impl Own for Generic {
    fn own(&mut self, which: u8, how: u8) -> Result<()> {
        match which {
            0 => self.configuration().map(drop),
            1 => self.use_data_connection(connection(how)),
            _ => self.use_upload_block(1 + 100 * usize::from(how)).map(drop),
        }
    }
}

fn connection(how: u8) -> DataConnection {
    if how == 0 { DataConnection::Active } else { DataConnection::Passive }
}
