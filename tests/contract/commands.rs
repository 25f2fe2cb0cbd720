//! The commands of each operation: none sends the same query twice, or opens a data connection that it could avoid.

use std::collections::BTreeMap;
use std::path::Path;

use ftp_modem::Vendor;
use ftp_modem::modem::{AccessPoint, Operation, Retrieve, Store};
use ftp_modem::transfer::{Download, Retry, Upload};

use crate::support::access::server;
use crate::support::expected::expected;
use crate::support::rig::AnyRig;

const FILE: &str = "/dir/file.txt";
const CONTENT: &str = "1234567890";

/// What the calls are made with.
struct Call<'a> {
    rig: &'a mut AnyRig,
    local: &'a Path,
}

impl Call<'_> {
    fn retrieve(&mut self, what: Retrieve) {
        let mut sink = Vec::new();
        self.rig.modem.retrieve(FILE, &what, &mut sink).unwrap();
        assert_eq!(sink, &CONTENT.as_bytes()[what.offset as usize..]);
    }

    fn store(&mut self, how: Store) {
        self.rig.modem.store(FILE, &how.with_length(3), &mut &b"abc"[..]).unwrap();
    }

    fn download(&mut self, choose: impl FnOnce(Download<'static>) -> Download<'static>) {
        choose(Download::new(FILE, self.local)).retry(Retry::never()).run(&mut *self.rig.modem).unwrap();
    }

    fn miss(&mut self) {
        let missing = Download::new("/dir/missing.txt", self.local).retry(Retry::never());
        missing.run(&mut *self.rig.modem).unwrap_err();
    }

    fn upload(&mut self, choose: impl FnOnce(Upload<'static>) -> Upload<'static>) {
        std::fs::write(self.local, CONTENT).unwrap();
        choose(Upload::new(self.local, FILE)).retry(Retry::never()).run(&mut *self.rig.modem).unwrap();
    }
}

/// An operation, what a dialect must support for it, and the call. The commands of each dialect are in its file in
/// `tests/support/expected`.
type Row = (&'static str, Operation, fn(&mut Call<'_>));

const ROWS: &[Row] = &[
    ("attach", Operation::Attach, |call| call.rig.modem.attach(&AccessPoint::default()).map(drop).unwrap()),
    ("network", Operation::Attach, |call| call.rig.modem.network().map(drop).unwrap()),
    ("login", Operation::Login, |call| call.rig.modem.login(&server()).unwrap()),
    ("logout", Operation::List, |call| call.rig.modem.logout().unwrap()),
    ("pwd", Operation::Pwd, |call| drop(call.rig.modem.pwd().unwrap())),
    ("cwd", Operation::Cwd, |call| call.rig.modem.cwd("/dir").unwrap()),
    ("cdup", Operation::Cwd, |call| call.rig.modem.cdup().unwrap()),
    ("list", Operation::List, |call| drop(call.rig.modem.list("/dir").unwrap())),
    (
        // One listing more than of another directory: servers list a directory that does not exist as if it were empty.
        "list of an empty directory",
        Operation::List,
        |call| drop(call.rig.modem.list("/empty").unwrap()),
    ),
    ("names", Operation::Names, |call| drop(call.rig.modem.names("/dir").unwrap())),
    ("metadata", Operation::Size, |call| call.rig.modem.metadata(FILE).map(drop).unwrap()),
    ("size", Operation::Size, |call| call.rig.modem.size(FILE).map(drop).unwrap()),
    ("modified", Operation::Modified, |call| call.rig.modem.modified(FILE).map(drop).unwrap()),
    ("mkdir", Operation::Mkdir, |call| call.rig.modem.mkdir("/new").unwrap()),
    ("rmdir", Operation::Rmdir, |call| call.rig.modem.rmdir("/empty").unwrap()),
    ("remove", Operation::Remove, |call| call.rig.modem.remove(FILE).unwrap()),
    ("rename", Operation::Rename, |call| call.rig.modem.rename(FILE, "/b").unwrap()),
    ("retrieve", Operation::Retrieve, |call| call.retrieve(Retrieve::whole())),
    ("retrieve of a known size", Operation::Retrieve, |call| call.retrieve(Retrieve::whole().with_size(10))),
    ("retrieve from an offset", Operation::RetrieveFrom, |call| call.retrieve(Retrieve::from(4))),
    ("retrieve from an offset of a known size", Operation::RetrieveFrom, |call| {
        call.retrieve(Retrieve::from(4).with_size(10))
    }),
    ("store", Operation::Store, |call| call.store(Store::create())),
    ("append", Operation::Append, |call| call.store(Store::append())),
    ("append to a known size", Operation::Append, |call| call.store(Store::append().with_size(10))),
    ("store at", Operation::StoreAt, |call| call.store(Store::at(10))),
    ("store at a known size", Operation::StoreAt, |call| call.store(Store::at(10).with_size(10))),
    ("whole file down", Operation::Retrieve, |call| call.download(|download| download)),
    ("whole file down, resumable", Operation::Retrieve, |call| call.download(|download| download.resume(true))),
    ("whole file of a known size down", Operation::Retrieve, |call| call.download(|download| download.size(10))),
    ("whole file down, missing", Operation::Retrieve, |call| call.miss()),
    ("whole file up", Operation::Store, |call| call.upload(|upload| upload)),
    ("whole file up, appended", Operation::Append, |call| call.upload(|upload| upload.append(true))),
    ("whole file up, present already", Operation::StoreAt, |call| call.upload(|upload| upload.resume(true))),
];

/// The names of the commands among what the host has written, which may hold payload as well.
fn names(written: &[u8]) -> String {
    let text = String::from_utf8_lossy(written);
    let commands = text.split('\r').filter_map(|line| line.split_once("AT+").map(|(_, command)| command));
    let names: Vec<&str> = commands.map(|command| command.split(['=', '?']).next().unwrap_or(command)).collect();
    names.join(" ")
}

#[test]
fn each_operation_sends_the_commands_that_it_needs_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let local = folder.path().join("file.txt");
    let mut wrong = Vec::new();
    for vendor in Vendor::ALL {
        let mut expected: BTreeMap<&str, &str> = expected(vendor).commands.iter().copied().collect();
        for (name, needed, call) in ROWS {
            let mut rig = match needed {
                Operation::Attach | Operation::Login => AnyRig::open(vendor),
                _ => AnyRig::online(vendor),
            };
            if *needed == Operation::Login {
                rig.modem.attach(&AccessPoint::default()).unwrap();
            }
            rig.files.put(FILE, CONTENT);
            rig.files.add_directory("/empty");
            let before = rig.line.sent().len();
            let sent = rig.modem.capabilities().supports(*needed).then(|| {
                call(&mut Call { rig: &mut rig, local: &local });
                names(&rig.line.sent()[before..])
            });
            let expected = expected.remove(name);
            if sent.as_deref() != expected {
                wrong.push(format!("{name}, {vendor}: {sent:?}, expected {expected:?}"));
            }
        }
        wrong.extend(expected.keys().map(|name| format!("{name}, {vendor}: no such operation")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
