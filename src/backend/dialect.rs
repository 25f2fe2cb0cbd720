//! What one vendor does differently, and nothing else.
//!
//! A dialect states its facts as data ([`Facts`]) and its sequences as code ([`Dialect`]). The life of an operation,
//! of a session, of a bearer and of a restart is written once, in [`Driver`](super::Driver).

use std::time::Duration;

use super::context::Context;
use super::facts::Facts;
use super::part::Part;
use super::source::Source;
use crate::at::Sink;
use crate::error::{Error, ErrorKind, Result};
use crate::modem::{
    AccessPoint, Assurance, Bearer, DataConnection, Entry, FileType, Metadata, Modified, Server, SessionState, Store,
};

/// One vendor's sequences. It is implemented by this crate only. The commands of bearer, session, directories,
/// downloads and uploads have a trait each.
///
/// Every method is called within the scope of one operation of the [`Driver`](super::Driver): the module is set up,
/// and for what needs a session that session is open, in its directory. The driver has checked the arguments that are
/// the same for every vendor. An error leaves the module as the error says; [`Self::recover`] brings it back.
pub trait Dialect: Bearers + Sessions + Directories + Downloads + Uploads + Sized + Send + 'static {
    /// The facts.
    const FACTS: Facts;

    /// Whether a download from offset == size > 0 is sent, to observe the end of the file. If `false`, nothing is sent.
    const OBSERVES_EMPTY_END: bool = false;

    /// The dialect on a module that was identified and whose echo is off.
    fn open(cx: &mut Context) -> Result<Self>;

    /// Sends everything that the module forgets when it restarts and a login does not send.
    fn set_up(&mut self, cx: &mut Context) -> Result<()>;

    /// Takes in what was lost meanwhile, before an operation that does not depend on it.
    fn catch_up(&mut self, cx: &mut Context) -> Result<()> {
        cx.catch_up(Duration::ZERO)
    }

    /// The cause of an error, where the module tells more of it than the error does.
    fn explain(&mut self, cx: &mut Context, error: Error) -> Error {
        let _ = cx;
        error
    }

    /// Brings the module back after an operation at the server that failed, and returns the error with what came of
    /// that.
    fn recover(&mut self, cx: &mut Context, error: Error) -> Error {
        let _ = cx;
        error
    }
}

/// The bearer.
pub trait Bearers {
    /// Brings the bearer up, or joins the one that is up.
    fn attach(&mut self, cx: &mut Context, access_point: &AccessPoint) -> Result<Bearer>;

    /// Takes back an activation whose result is not waited for any more.
    fn give_activation_up(&mut self, cx: &mut Context) -> Result<()> {
        self.detach(cx, false)
    }

    /// Brings the bearer down. `had_session` tells whether a session was open on it.
    fn detach(&mut self, cx: &mut Context, had_session: bool) -> Result<()>;
}

/// The session, and the choices that the next login sends.
pub trait Sessions {
    /// Checks the server's parameters, before anything is sent.
    fn check_server(&self, server: &Server) -> Result<()>;

    /// Chooses who opens the data connections, from the next login on. Nothing is sent.
    fn use_data_connection(&mut self, mode: DataConnection) -> Result<()>;

    /// Chooses how files are represented, from the next login on, and corrects the capabilities. Nothing is sent.
    fn use_file_type(&mut self, cx: &mut Context, file_type: FileType) -> Result<()> {
        let _ = cx;
        match file_type {
            FileType::Binary => Ok(()),
            FileType::Text => {
                let detail = "modules of this dialect transfer files byte for byte only";
                Err(Error::new(ErrorKind::Unsupported, detail))
            }
        }
    }

    /// Opens the session, for the first time or after it was lost.
    fn log_in(&mut self, cx: &mut Context, server: &Server) -> Result<()>;

    /// Closes the session; one that is closed already is no error.
    fn log_out(&mut self, cx: &mut Context) -> Result<()>;

    /// The session is open no longer, as far as the driver knows.
    fn session_lost(&mut self, cx: &mut Context) {
        let _ = cx;
    }

    /// Queries the state of the FTP client.
    fn status(&mut self, cx: &mut Context) -> Result<SessionState>;
}

/// What is on the server: directories, and what is known of files.
pub trait Directories {
    /// Queries the current directory.
    fn directory(&mut self, cx: &mut Context) -> Result<String> {
        Ok(cx.session.directory().to_owned())
    }

    /// Changes the current directory.
    fn enter(&mut self, cx: &mut Context, path: &str) -> Result<()>;

    /// Changes to the parent directory.
    fn leave(&mut self, cx: &mut Context) -> Result<()> {
        self.enter(cx, "..")
    }

    /// Lists a directory; an empty path is the current one, where the module keeps it.
    fn list(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Entry>>;

    /// Lists the names in a directory.
    fn names(&mut self, cx: &mut Context, path: &str) -> Result<Vec<Vec<u8>>> {
        Ok(self.list(cx, path)?.into_iter().map(|entry| entry.name).collect())
    }

    /// What one query tells about a file.
    fn metadata(&mut self, cx: &mut Context, path: &str) -> Result<Metadata>;

    /// As [`Self::metadata`], of a file whose download will show whether the size is right.
    fn metadata_to_fetch(&mut self, cx: &mut Context, path: &str) -> Result<Metadata> {
        self.metadata(cx, path)
    }

    /// When a file was last modified, where that takes another query than [`Self::metadata`].
    fn modified(&mut self, cx: &mut Context, path: &str) -> Result<Modified> {
        let modified = self.metadata(cx, path)?.modified;
        modified.ok_or_else(|| Error::new(ErrorKind::Unavailable, "the server states no time for it"))
    }

    /// Creates a directory.
    fn make_directory(&mut self, cx: &mut Context, path: &str) -> Result<()>;

    /// Removes an empty directory.
    fn remove_directory(&mut self, cx: &mut Context, path: &str) -> Result<()>;

    /// Removes a file. Called only where the capabilities name the operation.
    fn remove(&mut self, cx: &mut Context, path: &str) -> Result<()>;

    /// Renames a file or directory. Called only where the capabilities name the operation.
    fn rename(&mut self, cx: &mut Context, from: &str, to: &str) -> Result<()>;
}

/// Downloads.
pub trait Downloads {
    /// Whether a file that the server does not list, or whose size it refuses, is requested all the same.
    const FETCHES_UNLISTED: bool = true;

    /// The size of a file that is to be downloaded from byte `offset` on, where module and server can tell it. An error
    /// ends the download before it begins.
    fn size_to_fetch(&mut self, cx: &mut Context, path: &str, offset: u64) -> Result<Option<u64>>;

    /// Downloads a part of a file that is not known to be empty. `part` holds the size as far as it is known.
    fn retrieve(&mut self, cx: &mut Context, path: &str, part: Part, sink: &mut Sink<'_>) -> Result<Assurance>;
}

/// Uploads.
pub trait Uploads {
    /// Checks the target of an upload, before anything is sent.
    fn check_upload(&self, cx: &Context, path: &str, how: &Store) -> Result<()> {
        let _ = (cx, path, how);
        Ok(())
    }

    /// Uploads all of `source`.
    fn store(&mut self, cx: &mut Context, path: &str, source: &mut Source<'_>) -> Result<Assurance>;
}
