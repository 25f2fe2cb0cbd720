//! Public operations that take a text, once for each of its texts: those that every dialect has.

use std::io::sink;

use ftp_modem::modem::{AccessPoint, Authentication, Security, Tls};
use ftp_modem::{FtpModem, Result, Retrieve, Server, Store};

/// What must be there for the call to get far.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A module that was just opened.
    Nothing,
    /// The bearer.
    Bearer,
    /// A login, and on the server a file of the name that is passed.
    File,
    /// A login, and on the server an empty directory of the name that is passed.
    Directory,
    /// A login.
    Login,
}

/// What an empty text means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// Nothing: it is refused.
    Refused,
    /// Something of its own: the current directory, no password, the network's default.
    Meant,
}

/// A call with one text in it.
pub struct Call<B: ?Sized> {
    pub name: &'static str,
    pub needs: Needs,
    pub empty: Empty,
    /// A prefix of the text: the root of a path, the storage of a file of the module.
    pub prefix: &'static str,
    /// What is done first, and not looked at.
    pub first: fn(&mut B) -> Result<()>,
    pub call: fn(&mut B, &str) -> Result<()>,
}

pub const fn call<B: ?Sized>(
    name: &'static str,
    needs: Needs,
    empty: Empty,
    of: fn(&mut B, &str) -> Result<()>,
) -> Call<B> {
    Call { name, needs, empty, prefix: "", first: |_| Ok(()), call: of }
}

/// With a name of the module's own files.
pub const fn own_file<B: ?Sized>(
    name: &'static str,
    prefix: &'static str,
    of: fn(&mut B, &str) -> Result<()>,
) -> Call<B> {
    Call { prefix, ..call(name, Needs::Login, Empty::Refused, of) }
}

pub const HOST: &str = "192.0.2.7";

/// A login, and the first operation, with which some dialects really log in.
fn login(modem: &mut dyn FtpModem, server: &Server) -> Result<()> {
    modem.login(server)?;
    modem.list("/").map(drop)
}

fn attach(modem: &mut dyn FtpModem, point: &AccessPoint) -> Result<()> {
    modem.attach(point).map(drop)
}

pub fn with(user: &str, password: &str, authentication: Authentication) -> AccessPoint {
    AccessPoint::new("cmnet").with_credentials(user, password, authentication)
}

fn retrieve(modem: &mut dyn FtpModem, path: &str, what: &Retrieve) -> Result<()> {
    modem.retrieve(path, what, &mut sink()).map(drop)
}

fn store(modem: &mut dyn FtpModem, path: &str, how: &Store) -> Result<()> {
    modem.store(path, how, &mut &b"12345"[..]).map(drop)
}

/// A modem of any dialect.
type Any = dyn FtpModem;

/// The calls that every backend has.
pub fn common() -> Vec<Call<Any>> {
    use Empty::{Meant, Refused};
    use Needs::{Bearer, Directory, File, Login, Nothing};
    let mut calls = vec![
        call("attach, access point", Nothing, Meant, |modem: &mut Any, text| attach(modem, &AccessPoint::new(text))),
        call("attach, user with PAP", Nothing, Meant, |modem, text| {
            attach(modem, &with(text, "p", Authentication::Pap))
        }),
        call("attach, password with PAP", Nothing, Meant, |modem, text| {
            attach(modem, &with("u", text, Authentication::Pap))
        }),
        call("attach, user with CHAP", Nothing, Meant, |modem, text| {
            attach(modem, &with(text, "p", Authentication::Chap))
        }),
        call("attach, password with CHAP", Nothing, Meant, |modem, text| {
            attach(modem, &with("u", text, Authentication::Chap))
        }),
        call("login, host", Bearer, Refused, |modem, text| login(modem, &Server::new(text, "u", "p"))),
        call("login, user", Bearer, Meant, |modem, text| login(modem, &Server::new(HOST, text, "p"))),
        call("login, password", Bearer, Meant, |modem, text| login(modem, &Server::new(HOST, "u", text))),
        call("login with FTPS, host", Bearer, Refused, |modem, text| {
            login(modem, &Server::new(text, "u", "p").with_security(Security::Explicit).with_tls(Tls::insecure()))
        }),
        call("cwd", Directory, Meant, |modem, text| modem.cwd(text).and_then(|()| modem.list("").map(drop))),
        call("list", Directory, Meant, |modem, text| modem.list(text).map(drop)),
        call("names", Directory, Meant, |modem, text| modem.names(text).map(drop)),
        call("size", File, Refused, |modem, text| modem.size(text).map(drop)),
        call("modified", File, Refused, |modem, text| modem.modified(text).map(drop)),
        call("mkdir", Login, Refused, |modem, text| modem.mkdir(text)),
        call("rmdir", Directory, Refused, |modem, text| modem.rmdir(text)),
        call("remove", File, Refused, |modem, text| modem.remove(text)),
        call("rename, from", File, Refused, |modem, text| modem.rename(text, "/other")),
        call("rename, to", Login, Refused, |modem, text| modem.rename("/there", text)),
        call("retrieve", File, Refused, |modem, text| retrieve(modem, text, &Retrieve::whole())),
        call("retrieve a part", File, Refused, |modem, text| retrieve(modem, text, &Retrieve::from(1).with_length(2))),
        call("store", Login, Refused, |modem, text| store(modem, text, &Store::create())),
        call("append", File, Refused, |modem, text| store(modem, text, &Store::append().with_length(5))),
        call("store at", File, Refused, |modem, text| store(modem, text, &Store::at(4))),
    ];
    // Once more with the text as a part of a path.
    let within: Vec<Call<Any>> = calls
        .iter()
        .filter(|call| matches!(call.needs, Login | File | Directory))
        .map(|call| Call { prefix: "/within/", ..*call })
        .collect();
    calls.extend(within);
    calls
}
