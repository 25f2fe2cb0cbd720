//! What scripts read: JSON, and names that would steer a terminal.

use std::io;
use std::process::Command;

use ftp_modem::Vendor;

use crate::expected::expected;
use crate::rig::{Ran, Rig, for_each_dialect, run, text, tool};

for_each_dialect! {
    fn ls_as_json(vendor: Vendor) {
        let rig = Rig::new(vendor);
        // The emulated China Mobile module lists a folder as a file where the server has a size for it.
        if !expected(vendor).writes_rows {
            assert_eq!(rig.run(&["ls", "/", "--json"]).expect(0).text(), "[]\n");
        }
        rig.serve("there.txt", text(39));
        std::fs::create_dir(rig.folder.path().join("folder")).unwrap();
        let mut rows = rig.run(&["--json", "ls", "/"]).expect(0).json();
        let rows = rows.as_array_mut().unwrap();
        rows.sort_by_key(|row| row["name"].to_string());
        let (folder, file) = (&rows[0], &rows[1]);
        for row in [folder, file] {
            let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
            keys.sort_unstable();
            assert_eq!(keys, ["kind", "modified", "name", "size"]);
        }
        // Where the dialect's own rows are used, directories have no time.
        let is_time = |value: &serde_json::Value| {
            value.as_str().is_some_and(|time| time.starts_with("20") || time.starts_with("--"))
        };
        let (of_file, of_folder) = (&file["modified"], &folder["modified"]);
        assert!(is_time(of_file) && (of_folder.is_null() || is_time(of_folder)), "{rows:?}");
        assert_eq!((&folder["name"], &folder["kind"], &folder["size"]), (&"folder".into(), &"dir".into(), &().into()));
        assert_eq!((&file["name"], &file["kind"], &file["size"]), (&"there.txt".into(), &"file".into(), &39.into()));
    }

    fn names_cannot_steer_a_terminal(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("a\x1b[31mb", "");
        let shown = rig.ok(&["ls", "/"]);
        assert!(shown.contains("a\\u{1b}[31mb") && !shown.contains('\x1b'), "{shown:?}");
        let listed = rig.run(&["--json", "ls", "/"]).expect(0);
        assert!(!listed.text().contains('\x1b'));
        assert_eq!(listed.json()[0]["name"], "a\x1b[31mb");
    }
}

#[test]
fn errors_leave_stdout_empty() {
    let rig = Rig::new(Vendor::Luat);
    for arguments in
        [&["--json", "get", "/missing", "x"][..], &["--json", "size", "/missing"], &["get", "/missing", "-"]]
    {
        assert_eq!(rig.run(arguments).expect(8).text(), "");
    }
}

/// Runs it with a stdout whose reader has gone away.
#[track_caller]
fn run_unread(command: &mut Command) -> Ran {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    run(command.stdout(writer))
}

#[test]
fn a_reader_that_has_gone_away_ends_a_command_quietly() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("a.txt", text(10));
    let on_module: &[&[&str]] = &[
        &["ls", "/"],
        &["size", "/a.txt"],
        &["mtime", "/a.txt"],
        &["pwd"],
        &["info"],
        &["at", "AT+CSQ", "ATI"],
        &["--json", "mv", "/a.txt", "/b.txt"],
        &["--json", "get", "/b.txt", "."],
    ];
    for arguments in on_module {
        assert_eq!(run_unread(&mut rig.tool(arguments)).expect(0).stderr, "", "{arguments:?}");
    }
    for arguments in [&["completions", "bash"][..], &["man"], &["udev"], &["ports"], &["--help"], &["--version"]] {
        assert_eq!(run_unread(tool().args(arguments)).expect(0).stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_reader_that_has_gone_away_does_not_change_what_is_done_or_the_exit_status() {
    let rig = Rig::new(Vendor::Quectel);
    for name in ["a.txt", "b.txt"] {
        rig.write(name, text(100));
    }
    run_unread(&mut rig.tool(&["--json", "put", "a.txt", "missing.txt", "b.txt", "/"])).expect(9);
    assert_eq!((rig.served("a.txt"), rig.served("b.txt")), (text(100), text(100)));
    run_unread(&mut rig.tool(&["doctor", "--write", "/missing"])).expect(8);
}

#[test]
fn a_download_whose_reader_has_gone_away_fails() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("a.txt", text(10));
    for arguments in [&["get", "/a.txt", "-"][..], &["cat", "/a.txt"]] {
        let lost = run_unread(&mut rig.tool(arguments)).expect(9);
        assert!(lost.stderr.contains("check the program that reads it"), "{}", lost.stderr);
    }
}
