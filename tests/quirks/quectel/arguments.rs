//! The texts that only the calls of this dialect take: none becomes a second command or shifts a parameter.

use std::io::sink;

use ftp_modem::backend::quectel::{ClientCertificate, ListFormat, Pacing, Quectel, Settings};
use ftp_modem::modem::Security;
use ftp_modem::{FtpModem, Result, Retrieve, Server, Store};

use crate::hostile::calls::{Call, HOST, call, own_file};
use crate::hostile::check_own;

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

#[test]
fn no_argument_of_a_call_of_its_own_becomes_a_command() {
    use crate::hostile::calls::Empty::{Meant, Refused};
    use crate::hostile::calls::Needs::{Directory, File, Login};
    const UFS: &str = "UFS:";
    check_own(&[
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
    ]);
}
