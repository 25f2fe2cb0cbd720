//! Refusals of the server: their causes, which most modules do not report.

use std::fs;

use ftp_modem::Vendor;
use ftp_modem::emulator::{self, MemoryServer, Options, RemoteError};
use ftp_modem::modem::Operation;

use crate::expected::expected;
use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Rig, for_each_dialect, run, tool};
use crate::wire::Wire;

/// A command, the cause, and what to do next.
type Case = (&'static [&'static str], &'static str, &'static str);

const CASES: &[Case] = &[
    (&["get", "/dir", "got"], "\"/dir\" is a directory", "name a file, or '/dir/*' for all files in it"),
    (&["get", "/dir", "-"], "\"/dir\" is a directory", "name a file, or '/dir/*'"),
    (&["cat", "/dir"], "\"/dir\" is a directory", "name a file, or '/dir/*'"),
    (&["rm", "/dir"], "\"/dir\" is a directory", "use ftp-modem rmdir"),
    (&["put", "here.txt", "/dir"], "\"/dir\" is a directory", "end REMOTE with /"),
    (&["put", "/dev/stdin", "/dir"], "\"/dir\" is a directory", "end REMOTE with /"),
    (&["rmdir", "/a.txt"], "\"/a.txt\" is a file", "use ftp-modem rm"),
    (&["rmdir", "/dir"], "the directory \"/dir\" exists, and perhaps still holds files", "remove what is in it"),
    (&["mkdir", "/dir"], "the directory \"/dir\" exists already", "choose another name"),
    (&["mkdir", "/a.txt"], "a file \"/a.txt\" exists already", "choose another name"),
    (
        &["get", "/d*/b.txt", "got"],
        "the server has no file \"/d*/b.txt\", or denies",
        "only behind the last / of REMOTE",
    ),
    (&["mv", "/missing", "/new"], "the server has no file or directory \"/missing\", or denies", "check FROM"),
    (&["mv", "/a.txt", "/dir"], "the directory \"/dir\" exists already", "name TO within it"),
];

for_each_dialect! {
    fn a_refusal_names_its_cause(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("a.txt", "text");
        fs::create_dir(rig.folder.path().join("dir")).unwrap();
        rig.serve("dir/b.txt", "text");
        rig.write("here.txt", "text");
        for (command, cause, advice) in CASES {
            let lacks = |operation| expected(vendor).lacks.contains(&operation);
            let is_lacking = match command[0] {
                "rm" => lacks(Operation::Remove),
                "mv" => lacks(Operation::Rename),
                _ => false,
            };
            if is_lacking {
                continue;
            }
            let refused = rig.run_with(command, b"text").expect(8);
            assert!(refused.stderr.contains(cause) && refused.stderr.contains(advice), "{}", refused.stderr);
            assert!(command[0] != "put" || !refused.stderr.contains("transferred"), "{}", refused.stderr);
        }
        // A dialect that keeps the current directory itself would have to list the parent.
        if rig.run(&["--json", "info"]).expect(0).json()["operations"]["cwd"] == "native" {
            for command in [&["mkdir", "/missing/new"][..], &["put", "here.txt", "/missing/new"]] {
                let refused = rig.run(command).expect(8);
                let cause = "the server has no directory \"/missing\", or denies";
                assert!(refused.stderr.contains(cause), "{}", refused.stderr);
                assert!(refused.stderr.contains("; create it"), "{}", refused.stderr);
            }
        }
        assert_eq!((rig.served("a.txt"), rig.served("dir/b.txt")), (b"text".to_vec(), b"text".to_vec()));
    }
}

#[test]
fn a_directory_that_mkdir_could_not_create_is_not_to_be_created_once_more() {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server.fail_next(emulator::Operation::MakeDir, RemoteError::reply(550, "Permission denied."));
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "text").unwrap();
    let mut command = tool();
    command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "put", "--mkdir", "a.txt", "/new/"]);
    let refused = run(command.env("FTP_MODEM_PASSWORD", PASSWORD).current_dir(&folder)).expect(8);
    let words = "; --mkdir could not create the directory; check the path and the permissions on the server";
    assert!(refused.stderr.contains(words) && !refused.stderr.contains("create it"), "{}", refused.stderr);
}
