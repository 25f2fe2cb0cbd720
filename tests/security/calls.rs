//! Every public operation that takes a text, once for each of its texts.

use std::io::sink;

use ftp_modem::backend::Backend;
use ftp_modem::backend::china_mobile::ChinaMobile;
use ftp_modem::backend::fibocom::Fibocom;
use ftp_modem::backend::generic::Generic;
use ftp_modem::backend::luat::Luat;
use ftp_modem::backend::quectel::{ClientCertificate, ListFormat, Pacing, Quectel, Settings};
use ftp_modem::modem::{AccessPoint, Authentication, Security, StoreMode, Tls};
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
pub struct Call<B> {
    pub name: &'static str,
    pub needs: Needs,
    pub empty: Empty,
    /// A prefix of the text: the root of a path, the storage of a file of the module.
    pub prefix: &'static str,
    /// What is done first, and not looked at.
    pub first: fn(&mut B) -> Result<()>,
    pub call: fn(&mut B, &str) -> Result<()>,
}

const fn call<B>(name: &'static str, needs: Needs, empty: Empty, of: fn(&mut B, &str) -> Result<()>) -> Call<B> {
    Call { name, needs, empty, prefix: "", first: |_| Ok(()), call: of }
}

/// With a name of the module's own files.
const fn own_file<B>(name: &'static str, prefix: &'static str, of: fn(&mut B, &str) -> Result<()>) -> Call<B> {
    Call { prefix, ..call(name, Needs::Login, Empty::Refused, of) }
}

const HOST: &str = "192.0.2.7";

/// A login, and the first operation, with which some dialects really log in.
fn login(modem: &mut impl FtpModem, server: &Server) -> Result<()> {
    modem.login(server)?;
    modem.list("/").map(drop)
}

fn attach(modem: &mut impl FtpModem, point: &AccessPoint) -> Result<()> {
    modem.attach(point).map(drop)
}

fn with(user: &str, password: &str, authentication: Authentication) -> AccessPoint {
    AccessPoint::new("cmnet").with_credentials(user, password, authentication)
}

fn retrieve(modem: &mut impl FtpModem, path: &str, what: &Retrieve) -> Result<()> {
    modem.retrieve(path, what, &mut sink()).map(drop)
}

fn store(modem: &mut impl FtpModem, path: &str, how: &Store) -> Result<()> {
    modem.store(path, how, &mut &b"12345"[..]).map(drop)
}

/// The calls that every backend has.
pub fn common<B: Backend>() -> Vec<Call<B>> {
    use Empty::{Meant, Refused};
    use Needs::{Bearer, Directory, File, Login, Nothing};
    let mut calls = vec![
        call("attach, access point", Nothing, Meant, |modem: &mut B, text| attach(modem, &AccessPoint::new(text))),
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
    let within: Vec<Call<B>> = calls
        .iter()
        .filter(|call| matches!(call.needs, Login | File | Directory))
        .map(|call| Call { prefix: "/within/", ..*call })
        .collect();
    calls.extend(within);
    calls
}

/// A backend's own calls.
pub trait Own: Backend {
    fn own() -> Vec<Call<Self>>;
}

impl Own for Luat {
    fn own() -> Vec<Call<Self>> {
        use Empty::{Meant, Refused};
        use Needs::Nothing;
        vec![
            call("private, access point", Nothing, Refused, |luat: &mut Luat, text| {
                luat.set_private_access_point(&AccessPoint::new(text))
            }),
            call("private, user", Nothing, Meant, |luat, text| {
                luat.set_private_access_point(&with(text, "p", Authentication::Pap))
            }),
            call("private, password", Nothing, Meant, |luat, text| {
                luat.set_private_access_point(&with("u", text, Authentication::Chap))
            }),
            call("attach to private, access point", Nothing, Refused, |luat, text| {
                luat.attach_private(&AccessPoint::new(text)).map(drop)
            }),
        ]
    }
}

impl Own for Fibocom {
    fn own() -> Vec<Call<Self>> {
        use Empty::{Meant, Refused};
        use Needs::{File, Login};
        vec![
            call("stat", File, Meant, |fibocom: &mut Fibocom, text| fibocom.stat(text).map(drop)),
            call("retrieve streamed", File, Refused, |fibocom, text| {
                fibocom.retrieve_streamed(text, &Retrieve::whole(), &mut sink()).map(drop)
            }),
            call("store streamed", Login, Refused, |fibocom, text| {
                fibocom.store_streamed(text, &Store::create(), &mut &b"12345"[..]).map(drop)
            }),
        ]
    }
}

/// Settings with files of the module's own, and the login that uses them.
fn protected(quectel: &mut Quectel, tell: impl FnOnce(&mut Settings)) -> Result<()> {
    let mut settings = Settings::default();
    settings.tls.ca_file = Some("UFS:ca.pem".to_owned());
    tell(&mut settings);
    quectel.configure(settings)?;
    quectel.login(&Server::new(HOST, "u", "p").with_security(Security::Implicit).with_port(990))
}

/// The certificate file and the key file of the module's own.
fn client(certificate: &str, key: &str) -> Option<ClientCertificate> {
    Some(ClientCertificate { certificate_file: certificate.to_owned(), key_file: key.to_owned() })
}

impl Own for Quectel {
    fn own() -> Vec<Call<Self>> {
        use Empty::{Meant, Refused};
        use Needs::{Directory, File, Login};
        const UFS: &str = "UFS:";
        vec![
            call("list facts", Directory, Meant, |quectel: &mut Quectel, text| quectel.list_facts(text).map(drop)),
            call("store uncounted", Login, Refused, |quectel, text| {
                quectel.store_uncounted(text, &Store::create(), &mut &b"12345"[..]).map(drop)
            }),
            call("retrieve to module, path", File, Refused, |quectel, text| {
                quectel.retrieve_to_module(text, "UFS:new", 0).map(drop)
            }),
            own_file("retrieve to module, name", UFS, |quectel, text| {
                quectel.retrieve_to_module("/there", text, 0).map(drop)
            }),
            call("list to module, path", Directory, Meant, |quectel, text| {
                quectel.list_to_module(ListFormat::Long, text, "UFS:list").map(drop)
            }),
            own_file("list to module, name", UFS, |quectel, text| {
                quectel.list_to_module(ListFormat::Long, "/", text).map(drop)
            }),
            Call {
                first: |quectel| quectel.store_to_module("UFS:own", 5, Pacing::Flow, &mut &b"12345"[..]).map(drop),
                ..call("store from module, path", Login, Refused, |quectel, text| {
                    quectel.store_from_module("UFS:own", text).map(drop)
                })
            },
            own_file("store from module, name", UFS, |quectel, text| quectel.store_from_module(text, "/up").map(drop)),
            own_file("store to module", UFS, |quectel, text| {
                quectel.store_to_module(text, 5, Pacing::Flow, &mut &b"12345"[..]).map(drop)
            }),
            own_file("retrieve from module", UFS, |quectel, text| {
                quectel.retrieve_from_module(text, &Retrieve::whole(), &mut sink()).map(drop)
            }),
            own_file("module file size", UFS, |quectel, text| quectel.module_file_size(text).map(drop)),
            own_file("remove from module", UFS, |quectel, text| quectel.remove_from_module(text)),
            own_file("authority's certificate", UFS, |quectel, text| {
                protected(quectel, |settings| settings.tls.ca_file = Some(text.to_owned()))
            }),
            own_file("client's certificate", UFS, |quectel, text| {
                protected(quectel, |settings| settings.tls.client = client(text, "UFS:key.pem"))
            }),
            own_file("client's key", UFS, |quectel, text| {
                protected(quectel, |settings| settings.tls.client = client("UFS:client.pem", text))
            }),
        ]
    }
}

impl Own for ChinaMobile {
    fn own() -> Vec<Call<Self>> {
        use Empty::Refused;
        use Needs::{File, Login};
        vec![
            call("retrieve to module, path", File, Refused, |module: &mut ChinaMobile, text| {
                module.retrieve_to_module(text, "/usr/own", &Retrieve::whole()).map(drop)
            }),
            own_file("retrieve to module, name", "", |module, text| {
                module.retrieve_to_module("/there", text, &Retrieve::whole()).map(drop)
            }),
            Call {
                first: |module| module.write_file("own", 5, &mut &b"12345"[..]),
                ..call("store from module, path", Login, Refused, |module, text| {
                    module.store_from_module("own", text, StoreMode::Create).map(drop)
                })
            },
            own_file("store from module, name", "", |module, text| {
                module.store_from_module(text, "/up", StoreMode::Append).map(drop)
            }),
            own_file("write file", "", |module, text| module.write_file(text, 5, &mut &b"12345"[..])),
            own_file("write a long file", "", |module, text| module.write_file(text, 600, &mut &[b'x'; 600][..])),
            own_file("read file", "", |module, text| module.read_file(text, &mut sink()).map(drop)),
            own_file("remove file", "", |module, text| module.remove_file(text)),
        ]
    }
}

impl Own for Generic {
    fn own() -> Vec<Call<Self>> {
        // Its own calls take numbers only.
        Vec::new()
    }
}
