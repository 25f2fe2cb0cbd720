//! The commands of each operation: none sends the same query twice, or opens a data connection that it could avoid.

use std::path::Path;

use ftp_modem::Vendor;
use ftp_modem::modem::{AccessPoint, Operation, Retrieve, Store};
use ftp_modem::transfer::{Download, Retry, Upload};

use crate::support::access::server;
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

    fn upload(&mut self, choose: impl FnOnce(Upload<'static>) -> Upload<'static>) {
        std::fs::write(self.local, CONTENT).unwrap();
        choose(Upload::new(self.local, FILE)).retry(Retry::never()).run(&mut *self.rig.modem).unwrap();
    }
}

/// For an operation that the dialect lacks.
const LACKING: &str = "-";

/// An operation, what a dialect must support for it, the call, and the commands of each dialect in the order of
/// [`Vendor::ALL`].
type Row = (&'static str, Operation, fn(&mut Call<'_>), [&'static str; 5]);

const ROWS: &[Row] = &[
    (
        "attach",
        Operation::Attach,
        |call| call.rig.modem.attach(&AccessPoint::default()).map(drop).unwrap(),
        [
            "SAPBR SAPBR SAPBR SAPBR SAPBR",
            "MIPCALL MIPCALL",
            "QIACT QIACT QIACT",
            "MIPCALL MIPCALL",
            "CGACT CFUN CGACT",
        ],
    ),
    ("network", Operation::Attach, |call| call.rig.modem.network().map(drop).unwrap(), ["CPIN CSQ CEREG"; 5]),
    (
        "login",
        Operation::Login,
        |call| call.rig.modem.login(&server()).unwrap(),
        [
            "FTPCID FTPSERV FTPPORT FTPUN FTPPW FTPTYPE FTPMODE FTPEXTPUT FTPFILEPUT",
            "FTPMODE FTPINFO FTPOPEN FTPINFO",
            "QFTPCFG QFTPCFG QFTPCFG QFTPCFG QFTPCFG QFTPCFG QFTPCFG QFTPOPEN",
            "MFTPCFG MFTPCFG MFTPCFG MFTPCFG MFTPCFG MFTPCFG MFTPCONN",
            "FTPPORT FTPMODE FTPSERV FTPUN FTPPW FTPTYPE",
        ],
    ),
    (
        "logout",
        Operation::List,
        |call| call.rig.modem.logout().unwrap(),
        ["", "FTPCLOSE", "QFTPCLOSE", "MFTPDISC", "FTPQUIT"],
    ),
    ("pwd", Operation::Pwd, |call| drop(call.rig.modem.pwd().unwrap()), ["", "FTPPWD", "QFTPPWD", "MFTPPWD", ""]),
    (
        "cwd",
        Operation::Cwd,
        |call| call.rig.modem.cwd("/dir").unwrap(),
        ["", "FTPCWD", "QFTPCWD", "MFTPCWD", "FTPPATH"],
    ),
    ("cdup", Operation::Cwd, |call| call.rig.modem.cdup().unwrap(), ["", "FTPCDUP", "QFTPCWD", "MFTPCWD", "FTPPATH"]),
    (
        "list",
        Operation::List,
        |call| drop(call.rig.modem.list("/dir").unwrap()),
        ["FTPGETPATH FTPLIST FTPLIST FTPLIST FTPSTATE", "FTPLIST", "QFTPLIST", "MFTPLIST MFTPPWD", "FTPPATH FTPLIST"],
    ),
    (
        // One listing more than of another directory: servers list a directory that does not exist as if it were empty.
        "list of an empty directory",
        Operation::List,
        |call| drop(call.rig.modem.list("/empty").unwrap()),
        [
            "FTPGETPATH FTPLIST FTPLIST FTPSTATE FTPGETPATH FTPLIST FTPLIST FTPLIST FTPSTATE",
            "FTPLIST FTPLIST",
            "QFTPLIST QFTPLIST",
            "MFTPLIST MFTPLIST MFTPPWD",
            "FTPPATH FTPLIST FTPPATH FTPLIST",
        ],
    ),
    (
        "names",
        Operation::Names,
        |call| drop(call.rig.modem.names("/dir").unwrap()),
        ["FTPGETPATH FTPLIST FTPLIST FTPLIST FTPSTATE", "FTPLIST", "QFTPNLST", "MFTPLIST MFTPPWD", "FTPPATH FTPLIST"],
    ),
    (
        "metadata",
        Operation::Size,
        |call| call.rig.modem.metadata(FILE).map(drop).unwrap(),
        ["FTPGETPATH FTPGETNAME FTPSIZE", "FTPSIZE", "QFTPSIZE", "MFTPLIST", "FTPPATH FTPLIST"],
    ),
    (
        "size",
        Operation::Size,
        |call| call.rig.modem.size(FILE).map(drop).unwrap(),
        ["FTPGETPATH FTPGETNAME FTPSIZE", "FTPSIZE", "QFTPSIZE", "MFTPLIST", "FTPPATH FTPLIST"],
    ),
    (
        "modified",
        Operation::Modified,
        |call| call.rig.modem.modified(FILE).map(drop).unwrap(),
        [LACKING, "FTPLIST", "QFTPMDTM", "MFTPLIST", "FTPPATH FTPLIST"],
    ),
    (
        "mkdir",
        Operation::Mkdir,
        |call| call.rig.modem.mkdir("/new").unwrap(),
        ["FTPGETPATH FTPMKD", "FTPMKD", "QFTPMKDIR", "MFTPMKD", "FTPMKD"],
    ),
    (
        "rmdir",
        Operation::Rmdir,
        |call| call.rig.modem.rmdir("/empty").unwrap(),
        ["FTPGETPATH FTPRMD", "FTPRMD", "QFTPRMDIR", "MFTPLIST MFTPDEL", "FTPRMD"],
    ),
    (
        "remove",
        Operation::Remove,
        |call| call.rig.modem.remove(FILE).unwrap(),
        ["FTPGETPATH FTPGETNAME FTPDELE", "FTPDEL", "QFTPDEL", "MFTPLIST MFTPDEL", LACKING],
    ),
    (
        "rename",
        Operation::Rename,
        |call| call.rig.modem.rename(FILE, "/b").unwrap(),
        [LACKING, "FTPREN", "QFTPRENAME", "MFTPRN", LACKING],
    ),
    (
        "retrieve",
        Operation::Retrieve,
        |call| call.retrieve(Retrieve::whole()),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET",
            "FTPSIZE FTPGET FTPRECV FTPRECV",
            "QFTPSIZE QFTPGET",
            "MFTPLIST MFTPRETR MFTPSTATE",
            "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET",
        ],
    ),
    (
        "retrieve of a known size",
        Operation::Retrieve,
        |call| call.retrieve(Retrieve::whole().with_size(10)),
        [
            "FTPGETPATH FTPGETNAME FTPREST FTPGET FTPGET",
            "FTPGET FTPRECV FTPRECV",
            "QFTPGET",
            "MFTPRETR MFTPSTATE",
            "FTPPATH FTPGETNAME FTPRESET FTPGET",
        ],
    ),
    (
        "retrieve from an offset",
        Operation::RetrieveFrom,
        |call| call.retrieve(Retrieve::from(4)),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET",
            "FTPSIZE FTPGET FTPRECV FTPRECV",
            "QFTPSIZE QFTPGET",
            "MFTPLIST MFTPRETR MFTPSTATE",
            "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET FTPRESET FTPGET",
        ],
    ),
    (
        "retrieve from an offset of a known size",
        Operation::RetrieveFrom,
        |call| call.retrieve(Retrieve::from(4).with_size(10)),
        [
            "FTPGETPATH FTPGETNAME FTPREST FTPGET FTPGET",
            "FTPGET FTPRECV FTPRECV",
            "QFTPGET",
            "MFTPRETR MFTPSTATE",
            "FTPPATH FTPGETNAME FTPRESET FTPGET FTPRESET FTPGET",
        ],
    ),
    (
        "store",
        Operation::Store,
        |call| call.store(Store::create()),
        [
            "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT",
            "FTPPUT",
            "QFTPPUT",
            "MFTPSTOR",
            "FTPPATH FTPPUTNAME FTPPUT FTPPUT",
        ],
    ),
    (
        "append",
        Operation::Append,
        |call| call.store(Store::append()),
        [
            "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT",
            LACKING,
            "QFTPSIZE QFTPPUT QFTPSIZE",
            "MFTPAPPE",
            LACKING,
        ],
    ),
    (
        "append to a known size",
        Operation::Append,
        |call| call.store(Store::append().with_size(10)),
        [
            "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT",
            LACKING,
            "QFTPPUT QFTPSIZE",
            "MFTPAPPE",
            LACKING,
        ],
    ),
    (
        "store at",
        Operation::StoreAt,
        |call| call.store(Store::at(10)),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT",
            LACKING,
            "QFTPSIZE QFTPPUT QFTPSIZE",
            "MFTPLIST MFTPAPPE",
            LACKING,
        ],
    ),
    (
        "store at a known size",
        Operation::StoreAt,
        |call| call.store(Store::at(10).with_size(10)),
        [
            "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT",
            LACKING,
            "QFTPPUT QFTPSIZE",
            "MFTPAPPE",
            LACKING,
        ],
    ),
    (
        "whole file down",
        Operation::Retrieve,
        |call| call.download(|download| download),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET",
            "FTPSIZE FTPGET FTPRECV FTPRECV",
            "QFTPSIZE QFTPGET",
            "MFTPLIST MFTPRETR MFTPSTATE",
            "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET",
        ],
    ),
    (
        "whole file down, resumable",
        Operation::Retrieve,
        |call| call.download(|download| download.resume(true)),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET",
            "FTPSIZE FTPLIST FTPGET FTPRECV FTPRECV",
            "QFTPSIZE QFTPMDTM QFTPGET",
            "MFTPLIST MFTPRETR MFTPSTATE",
            "FTPPATH FTPLIST FTPGETNAME FTPRESET FTPGET",
        ],
    ),
    (
        "whole file of a known size down",
        Operation::Retrieve,
        |call| call.download(|download| download.size(10)),
        [
            "FTPGETPATH FTPGETNAME FTPREST FTPGET FTPGET",
            "FTPGET FTPRECV FTPRECV",
            "QFTPGET",
            "MFTPRETR MFTPSTATE",
            "FTPPATH FTPGETNAME FTPRESET FTPGET",
        ],
    ),
    (
        "whole file up",
        Operation::Store,
        |call| call.upload(|upload| upload),
        [
            "FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT FTPGETPATH FTPGETNAME FTPSIZE",
            "FTPPUT FTPSIZE",
            "QFTPPUT QFTPSIZE",
            "MFTPSTOR MFTPSTATE",
            "FTPPATH FTPPUTNAME FTPPUT FTPPUT FTPPATH FTPGETNAME FTPRESET FTPGET",
        ],
    ),
    (
        "whole file up, appended",
        Operation::Append,
        |call| call.upload(|upload| upload.append(true)),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPPUTOPT FTPREST FTPPUTNAME FTPPUTPATH FTPPUT FTPPUT FTPPUT \
             FTPGETPATH FTPGETNAME FTPSIZE",
            LACKING,
            "QFTPSIZE QFTPPUT QFTPSIZE",
            "MFTPLIST MFTPAPPE MFTPSTATE",
            LACKING,
        ],
    ),
    (
        "whole file up, present already",
        Operation::StoreAt,
        |call| call.upload(|upload| upload.resume(true)),
        [
            "FTPGETPATH FTPGETNAME FTPSIZE FTPREST FTPGET FTPGET",
            LACKING,
            "QFTPSIZE QFTPGET",
            "MFTPLIST MFTPRETR MFTPSTATE",
            LACKING,
        ],
    ),
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
    for (index, vendor) in Vendor::ALL.into_iter().enumerate() {
        for (name, needed, call, expected) in ROWS {
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
            let sent = if rig.modem.capabilities().supports(*needed) {
                call(&mut Call { rig: &mut rig, local: &local });
                names(&rig.line.sent()[before..])
            } else {
                LACKING.to_owned()
            };
            if sent != expected[index] {
                wrong.push(format!("{name}, {vendor}: {sent:?}, expected {:?}", expected[index]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
