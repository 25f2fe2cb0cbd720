//! Luat modules (Air780E and relatives) and SIMCom's: SAPBR, FTPGET, FTPPUT.
//!
//! After the Luat AT command manual, chapters SAPBR, CPNETAPN and FTP, and the Air780E FTP guide (firmware V1169). The
//! command set is SIMCom's of the SIM800 series; where other families of it differ, `families` has the facts of each.
//! There is no session between operations: each connects, logs in, works, and quits (`client`). A login sends the
//! settings that they use.
//!
//! Left out: FTPPUTOPT "STOU", because the module does not report the name under which the server has stored the file;
//! FTPS (FTPSSL on SIM800 and SIM7080), because none of the manuals at hand documents how the server's certificate is
//! checked.

mod bearer;
mod client;
mod download;
mod facts;
mod families;
mod listing;
mod memory;
mod private_access_point;
mod recovery;
mod session;
mod settings;
mod target;
mod upload;

pub use families::Family;

use super::codes;
use super::context::Context;
use super::dialect::{Dialect, Directories};
use super::driver::Driver;
use super::facts::Facts;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, Entry, Metadata, Modified, listing as rows};
use bearer::BearerInUse;
use client::Client;
use families::FamilyFacts;
use target::Target;

/// A Luat module, or one of SIMCom's with the same dialect.
pub type Luat = Driver<LuatFtp>;

/// The dialect of Luat's and SIMCom's modules.
pub struct LuatFtp {
    family: &'static FamilyFacts,
    bearer: BearerInUse,
    client: Client,
    target: Target,
    data_connection: DataConnection,
    /// Whether transfers are binary: FTPTYPE was set, or the module starts so.
    is_binary: bool,
    /// Whether files pass through the module's own memory.
    uses_memory: bool,
}

impl Dialect for LuatFtp {
    const FACTS: Facts = facts::FACTS;

    fn open(cx: &mut Context) -> Result<Self> {
        let family = FamilyFacts::identify(cx).map_err(|error| error.during("open"))?;
        let luat = LuatFtp {
            family,
            bearer: BearerInUse { family, number: family.first_bearer() },
            client: Client::new(family),
            target: Target::new(family),
            data_connection: DataConnection::Passive,
            is_binary: family.starts_binary,
            uses_memory: false,
        };
        luat.bearer.watch(cx);
        cx.capabilities = family.capabilities(cx).map_err(|error| error.during("open"))?;
        Ok(luat)
    }

    /// Nothing: a login sends all that a module forgets.
    fn set_up(&mut self, _: &mut Context) -> Result<()> {
        Ok(())
    }

    fn catch_up(&mut self, cx: &mut Context) -> Result<()> {
        recovery::settle(cx)
    }

    fn explain(&mut self, cx: &mut Context, error: Error) -> Error {
        // A setting that was damaged on its way may be the cause: each is sent again.
        self.target.forget();
        let error = recovery::find_restart(cx, error);
        if !matches!(error.kind(), ErrorKind::ModuleRestarted | ErrorKind::BearerLost) {
            return error;
        }
        self.client.note_quit(cx);
        if recovery::settle(cx).is_ok() { error } else { error.module_left_unusable() }
    }
}

impl Directories for LuatFtp {
    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.family.get_path.check_in(cx.engine.charset, path)
    }

    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        Ok(rows::parse(&self.listing(cx, path)?))
    }

    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        self.target.point_to(cx, path)?;
        Ok(match self.pointed_size(cx)? {
            Some(size) => Metadata::new().with_size(size),
            None => Metadata::new().with_overflowing_size(),
        })
    }

    fn modified(&mut self, cx: &mut Context, path: &str) -> Result<Modified> {
        self.target.point_to(cx, path)?;
        let result = self.client.run(cx, "+FTPMDTM")?;
        let time = result.0.information().and_then(|line| rows::timestamp(&line.bytes(2)?));
        time.ok_or_else(|| cx.engine.protocol("the time of modification is not valid"))
    }

    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.target.point_to_directory(cx, path)?;
        self.client.run(cx, "+FTPMKD").map(drop)
    }

    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.target.point_to_directory(cx, path)?;
        self.client.run(cx, "+FTPRMD").map(drop)
    }

    fn remove(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        self.target.point_to(cx, path)?;
        self.client.run(cx, "+FTPDELE").map(drop)
    }

    fn rename(&mut self, cx: &mut Context, from: &str, to: &str) -> Result<()> {
        self.target.check_upload(cx.engine.charset, to)?;
        // The old name is that of a download, the new one that of an upload (SIM7000 AT manual V1.06, FTPRENAME).
        self.target.point_to(cx, from)?;
        self.target.point_uploads_to(cx, to)?;
        self.client.run(cx, "+FTPRENAME").map(drop)
    }
}

impl LuatFtp {
    /// Queries the size of the file that the module is pointed to; none where the server counts in 31 bits, and the
    /// size is beyond them.
    fn pointed_size(&mut self, cx: &mut Context) -> Result<Option<u64>> {
        let result = self.client.run(cx, "+FTPSIZE")?;
        codes::stated_size(&mut cx.engine, &result.0, 2)
    }
}
