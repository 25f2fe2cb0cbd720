//! Each command on each dialect: what a dialect lacks is exit status 7.

use std::fs::File;
use std::time::{Duration, SystemTime};

use ftp_modem::modem::Operation;
use ftp_modem::{AccessPoint, Vendor};

use crate::expected::expected;
use crate::rig::{Rig, for_each_dialect, text};

/// The exit status of a command that needs the operation.
fn status(vendor: Vendor, operation: Operation) -> i32 {
    if expected(vendor).lacks.contains(&operation) { 7 } else { 0 }
}

for_each_dialect! {
    fn info(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let shown = rig.ok(&["info"]);
        assert!(shown.contains(&format!("dialect       {vendor}")), "{shown}");
        let info = rig.run(&["--json", "info"]).expect(0).json();
        assert_eq!(info["dialect"], vendor.name());
        assert_eq!(info["port"], rig.module.path());
        assert!(info["signal_dbm"].is_i64(), "{info}");
        assert!(info["registration"] == "home" || info["registration"] == "roaming", "{info}");
        assert_eq!(info["operations"].as_object().unwrap().len(), Operation::ALL.len());
        let operations =
            [(Operation::Rename, "rename"), (Operation::Append, "append"), (Operation::Modified, "modified")];
        for (operation, name) in operations {
            let is_missing = info["operations"][name] == "unsupported";
            assert_eq!(is_missing, status(vendor, operation) == 7, "{name} in {info}");
        }
        for limit in ["host", "user", "password", "path", "download_block", "upload_block"] {
            let value = &info["limits"][limit];
            assert!(value.is_u64() || limit.ends_with("block") && value.is_null(), "{limit} in {info}");
        }
        assert!(info["resolves_names"].is_boolean() && info["information"].is_array());
    }

    fn files_and_directories(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.write("there.txt", text(700));
        assert_eq!(rig.ok(&["put", "there.txt", "/there.txt"]), "");
        assert_eq!(rig.served("there.txt"), text(700));
        assert_eq!(rig.ok(&["get", "/there.txt", "back.txt"]), "");
        assert_eq!(rig.read("back.txt"), text(700));
        assert_eq!(rig.ok(&["size", "/there.txt"]), "700\n");
        assert_eq!(rig.run(&["--json", "size", "/there.txt"]).expect(0).json()["size"], 700);
        assert_eq!(rig.ok(&["pwd"]), "/\n");
        assert_eq!(rig.run(&["--json", "pwd"]).expect(0).json()["path"], "/");

        assert_eq!(rig.ok(&["mkdir", "/folder"]), "");
        assert!(rig.folder.path().join("folder").is_dir());
        let listed = rig.ok(&["ls", "/"]);
        let mut rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
        rows.sort();
        assert_eq!((rows[0][0], rows[0][1], rows[0][3]), ("dir", "-", "folder"), "{listed}");
        assert_eq!((rows[1][0], rows[1][1], rows[1][3]), ("file", "700", "there.txt"), "{listed}");
        assert_eq!(rows.len(), 2, "{listed}");
        assert_eq!(rig.ok(&["ls"]), listed, "without a path it is the current directory");
        // The server has a size for a folder, too.
        if !expected(vendor).writes_rows {
            assert_eq!(rig.ok(&["ls", "/folder"]), "");
        }
        let removed = rig.run(&["--json", "rmdir", "/folder"]).expect(0).json();
        assert_eq!(removed["path"], "/folder");
        assert!(!rig.folder.path().join("folder").exists());

        // This server lists directories only.
        let lists_no_files = expected(vendor).lists_single_files;
        let dated = rig.run(&["mtime", "/there.txt"]);
        if dated.status == 0 {
            let text = dated.text();
            assert!(text.contains('-') && text.contains('T') && text.lines().count() == 1, "{text}");
            let time = rig.run(&["--json", "mtime", "/there.txt"]).expect(0).json();
            assert_eq!(time["modified"].as_str().unwrap(), text.trim_end());
        } else if !(lists_no_files && dated.status == 8) {
            dated.expect(status(vendor, Operation::Modified));
        }
        let moved = rig.run(&["--json", "mv", "/there.txt", "/moved.txt"]).expect(status(vendor, Operation::Rename));
        let name = if moved.status == 0 { "/moved.txt" } else { "/there.txt" };
        if moved.status == 0 {
            assert_eq!((&moved.json()["from"], &moved.json()["to"]), (&"/there.txt".into(), &"/moved.txt".into()));
        }
        assert!(rig.folder.path().join(&name[1..]).exists());
        let gone = rig.run(&["rm", name]).expect(status(vendor, Operation::Remove));
        assert_eq!(rig.folder.path().join(&name[1..]).exists(), gone.status == 7);
        for failed in [&moved, &gone] {
            assert!(failed.status == 0 || failed.stderr.contains("not supported by this module"), "{}", failed.stderr);
        }
    }

    fn relative_paths_start_where_the_session_does(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("there.txt", text(60));
        assert_eq!(rig.ok(&["get", "there.txt"]), "");
        assert_eq!(rig.read("there.txt"), text(60), "LOCAL is the last part of REMOTE");
        assert_eq!(rig.ok(&["size", "there.txt"]), "60\n");
    }

    fn appending(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("log.txt", "first ");
        rig.write("more.txt", "second");
        let ran = rig.run(&["put", "--append", "more.txt", "/log.txt"]).expect(status(vendor, Operation::Append));
        let expected: &[u8] = if ran.status == 0 { b"first second" } else { b"first " };
        assert_eq!(rig.served("log.txt"), expected);
        let ran = rig.run_with(&["put", "--append", "-", "/log.txt"], b" third").expect(ran.status);
        let expected: &[u8] = if ran.status == 0 { b"first second third" } else { b"first " };
        assert_eq!(rig.served("log.txt"), expected);
    }

    fn options_that_a_dialect_lacks_are_refused_or_named_before_the_transfer(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.serve("a.txt", text(300));
        rig.write("b.txt", text(200));
        let got = rig.run(&["get", "--delete-after", "/a.txt", "a.txt"]).expect(status(vendor, Operation::Remove));
        assert_eq!(rig.here("a.txt").exists(), got.status == 0, "{}", got.stderr);
        assert_eq!(rig.folder.path().join("a.txt").exists(), got.status == 7);
        let sent = rig.run(&["put", "--temp", "b.txt", "/t.txt"]).expect(status(vendor, Operation::Rename));
        let there = std::fs::read_dir(rig.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let is_there = there.into_iter().any(|name| name.to_str().unwrap().starts_with("t.txt"));
        assert_eq!(is_there, sent.status == 0, "{}", sent.stderr);

        rig.serve("part.txt", &text(200)[..100]);
        rig.run(&["put", "--resume", "b.txt", "/part.txt"]).expect(0);
        assert_eq!(rig.served("part.txt"), text(200));
        // The server states whole seconds.
        let earlier = SystemTime::now() - Duration::from_secs(60);
        File::open(rig.here("b.txt")).unwrap().set_modified(earlier).unwrap();
        let put = rig.run(&["--json", "put", "--skip-same", "b.txt", "/part.txt"]).expect(0);
        let warned = put.stderr.contains("cannot query times");
        assert!(put.json()["skipped"] == !warned, "{}{}", put.text(), put.stderr);
        assert_eq!(warned, !expected(vendor).has_exact_times, "{}", put.stderr);
        let got = rig.run(&["get", "--keep-time", "--skip-same", "/part.txt", "k.txt"]).expect(0);
        assert_eq!(got.stderr.contains("cannot query times"), status(vendor, Operation::Modified) == 7);
        assert_eq!(rig.read("k.txt"), text(200));
    }

    fn the_bearer_stays_as_it_was_found(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let was_up = || {
            let mut modem = ftp_modem::open(rig.module.path()).unwrap();
            modem.attach(&AccessPoint::default()).unwrap().was_up
        };
        rig.ok(&["ls", "/"]);
        assert!(!was_up(), "what the tool brought up it brings down");
        rig.ok(&["ls", "/"]);
        rig.run(&["size", "/missing"]).expect(8);
        assert!(was_up(), "what was up stays up");
    }
}
