//! Fibocom modules (L610, MC66x, NL668): MIPCALL, FTPOPEN.
//!
//! After the Fibocom L610 FTP application guide V1.0.0; the command set is that of Motorola's G24, whose manual fills
//! the gaps. Every operation is acknowledged at once and ends with `+FTPxxx: 1` (done) or `+FTPxxx: 0` (failed,
//! without a reason).

mod bearer;
mod cache;
mod coding;
mod download;
mod facts;
mod listing;
mod recovery;
mod results;
mod retries;
mod session;
mod settings;
mod streams;
mod upload;

use std::net::IpAddr;

use super::context::Context;
use super::dialect::{Dialect, Directories};
use super::driver::Driver;
use super::facts::Facts;
use crate::at::Command;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{DataConnection, Entry, Metadata, Modified, listing as rows};
use cache::Cache;
use download::Requests;
use facts::{PATH, RESULT_LIMIT, WRITE_BLOCK};
use listing::Sizes;
use recovery::Activity;
use retries::persistently;
use session::Conversation;

/// A Fibocom module.
pub type Fibocom = Driver<FibocomFtp>;

/// The dialect of Fibocom modules.
pub struct FibocomFtp {
    activity: Activity,
    /// The access point that was dialled, and the address that it gave.
    dialled: Option<(String, IpAddr)>,
    data_connection: DataConnection,
    /// The size of the cache that the caller has chosen.
    cache_size: Option<u64>,
    conversation: Conversation,
    sizes: Sizes,
    requests: Requests,
    cache: Cache,
    /// Most bytes that FTPPUT was seen to take at a time.
    write_block: usize,
}

impl Dialect for FibocomFtp {
    const FACTS: Facts = facts::FACTS;

    /// A damaged size must not make an empty file of one that is not.
    const OBSERVES_EMPTY_END: bool = true;

    fn open(cx: &mut Context) -> Result<Self> {
        facts::arm_losses(cx);
        Ok(FibocomFtp {
            activity: Activity::Nothing,
            dialled: None,
            data_connection: DataConnection::Passive,
            cache_size: None,
            conversation: Conversation::Hidden,
            sizes: Sizes::default(),
            requests: Requests::default(),
            cache: Cache::default(),
            write_block: WRITE_BLOCK,
        })
    }

    /// A module that has restarted echoes again (guide §3.3, ATE0). The rest is sent with every login.
    fn set_up(&mut self, cx: &mut Context) -> Result<()> {
        cx.set(Command::run("E0"))
    }

    fn explain(&mut self, cx: &mut Context, error: Error) -> Error {
        recovery::find_loss(cx, error)
    }

    fn recover(&mut self, cx: &mut Context, error: Error) -> Error {
        let is_unknown = recovery::leaves_unknown(error.kind()) || error.kind() == ErrorKind::ModuleRefused;
        if is_unknown && error.module_usable() { self.activity.abandon(cx, error) } else { error }
    }
}

impl Directories for FibocomFtp {
    fn directory(&mut self, cx: &mut Context) -> Result<String> {
        let directory = persistently(cx, RESULT_LIMIT, |cx| results::text(cx, "+FTPPWD", Command::run("+FTPPWD")))?;
        // A directory is one line.
        match directory.contains('\n') {
            true => Err(cx.engine.protocol("the directory was reported twice")),
            false => Ok(directory),
        }
    }

    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        persistently(cx, RESULT_LIMIT, |cx| results::on_path(cx, "+FTPCWD", path))
    }

    fn leave(&mut self, cx: &mut Context) -> Result<()> {
        persistently(cx, RESULT_LIMIT, |cx| results::done(cx, "+FTPCDUP", Command::run("+FTPCDUP")))
    }

    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>> {
        Ok(rows::parse(&persistently(cx, RESULT_LIMIT, |cx| listing::text(cx, path))?))
    }

    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        match self.sizes.of(cx, path)? {
            Some(size) => Ok(Metadata::new().with_size(size)),
            None => Ok((&listing::entry(cx, path)?).into()),
        }
    }

    fn modified(&mut self, cx: &mut Context, path: &str) -> Result<Modified> {
        let modified = listing::entry(cx, path)?.modified;
        modified.ok_or_else(|| Error::new(ErrorKind::Unavailable, "the listing states no time for it"))
    }

    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        persistently(cx, RESULT_LIMIT, |cx| results::on_path(cx, "+FTPMKD", path))
    }

    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        persistently(cx, RESULT_LIMIT, |cx| results::on_path(cx, "+FTPRMD", path))
    }

    fn remove(&mut self, cx: &mut Context, path: &str) -> Result<()> {
        persistently(cx, RESULT_LIMIT, |cx| results::on_path(cx, "+FTPDEL", path))
    }

    fn rename(&mut self, cx: &mut Context, from: &str, to: &str) -> Result<()> {
        persistently(cx, RESULT_LIMIT, |cx| {
            results::done(cx, "+FTPREN", Command::set("+FTPREN").text(&PATH, from).text(&PATH, to))
        })
    }
}
