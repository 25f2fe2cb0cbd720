//! `get` and `put`: files, streams, parts.

use std::fs;

use ftp_modem::Vendor;
use ftp_modem::emulator::{MemoryServer, Options};
use ftp_modem::modem::Assurance;

use crate::expected::expected;
use crate::ftp_server::{PASSWORD, USER};
use crate::rig::{Rig, for_each_dialect, pattern, run, text, tool};
use crate::wire::Wire;

/// A module that carries every byte, where an option is needed for that.
fn carrying(vendor: Vendor) -> Options {
    let mut options = Options::default();
    (expected(vendor).carry)(&mut options);
    options
}

for_each_dialect! {
    fn streams(vendor: Vendor) {
        let rig = Rig::new(vendor);
        let sent = rig.run_with(&["--json", "put", "-", "/stream.txt"], &text(3000)).expect(0).json();
        assert_eq!(rig.served("stream.txt"), text(3000));
        assert_eq!((&sent["size"], &sent["local"]), (&3000.into(), &"-".into()));
        rig.serve("all.bin", pattern(40_000));
        let got = rig.run(&["--json", "get", "/all.bin", "-"]).expect(0);
        assert!(got.stdout == pattern(40_000), "{} bytes", got.stdout.len());
    }

    fn every_byte_both_ways(vendor: Vendor) {
        let rig = Rig::with(vendor, carrying(vendor));
        let size = if expected(vendor).uploads_in_lines { 3000 } else { 50_000 };
        rig.write("all.bin", pattern(size));
        let plain = rig.run(&["--json", "put", "all.bin", "/all.bin"]);
        let sent = if expected(vendor).uploads_in_lines {
            let plain = plain.expect(2);
            assert!(plain.stderr.contains("not proven to carry it"), "{}", plain.stderr);
            rig.run(&["--json", "put", "--force-binary", "all.bin", "/all.bin"])
        } else {
            plain
        };
        let sent = sent.expect(0).json();
        assert!(rig.served("all.bin") == pattern(size));
        let got = rig.run(&["--json", "get", "/all.bin", "back.bin"]).expect(0).json();
        assert!(rig.read("back.bin") == pattern(size));
        // The size of an upload that the module has counted is not looked up by a listing.
        let counted = match expected(vendor).upload {
            Assurance::ModuleCount => "module-count",
            Assurance::ContentCompared => "content-compared",
            _ => "server-size",
        };
        for (report, local, known) in [(&sent, "all.bin", counted), (&got, "back.bin", "server-size")] {
            assert_eq!((&report["remote"], &report["local"]), (&"/all.bin".into(), &local.into()));
            assert_eq!((&report["size"], &report["moved"]), (&size.into(), &size.into()), "{report}");
            assert_eq!((&report["attempts"], &report["assurance"]), (&1.into(), &known.into()), "{report}");
            assert!(report["seconds"].is_f64() && report["grown_to"].is_null(), "{report}");
        }
    }

    fn every_byte_is_compared_when_asked_for(vendor: Vendor) {
        let rig = Rig::new(vendor);
        rig.write("a.txt", text(2_000));
        let sent = rig.run(&["--json", "put", "--verify", "a.txt", "/a.txt"]).expect(0).json();
        let got = rig.run(&["-v", "--json", "get", "--verify", "/a.txt", "b.txt"]).expect(0);
        assert!(got.stderr.contains("verified by a comparison of every byte"), "{}", got.stderr);
        for report in [&sent, &got.json()] {
            assert_eq!(report["assurance"], "content-compared");
        }
        assert!(rig.read("b.txt") == text(2_000));
        for arguments in [&["get", "--verify", "/a.txt", "-"][..], &["put", "--verify", "-", "/a.txt"]] {
            rig.run(arguments).expect(2);
        }
    }
}

#[test]
fn a_download_is_continued_only_when_asked_for() {
    let rig = Rig::new(Vendor::Quectel);
    rig.serve("big.bin", pattern(60_000));
    // A partial file without its note is not known to be ours: it is neither continued nor written over.
    rig.write("big.bin.part", &pattern(60_000)[..30_000]);
    rig.run(&["get", "--resume", "/big.bin", "big.bin"]).expect(9);
    assert_eq!(rig.read("big.bin.part").len(), 30_000);
    fs::remove_file(rig.here("big.bin.part")).unwrap();
    let got = rig.run(&["--json", "get", "/big.bin", "big.bin"]).expect(0).json();
    assert_eq!((&got["size"], &got["moved"]), (&60_000.into(), &60_000.into()), "{got}");
}

#[test]
fn a_download_that_is_not_continued_says_why() {
    let server = MemoryServer::new();
    server.add_user(USER, PASSWORD);
    server.put("/big.bin", pattern(60_000));
    let wire = Wire::to(server.remote(), Vendor::Quectel, Options::default(), &[]);
    let folder = tempfile::tempdir().unwrap();
    let resume = || {
        let mut command = tool();
        command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "--retries", "0", "get", "--resume"]);
        command.args(["/big.bin", "big.bin"]).env("FTP_MODEM_PASSWORD", PASSWORD).current_dir(&folder);
        run(&mut command)
    };
    for _ in 0..2 {
        server.break_download_after(20_000);
        let broken = resume().expect(5);
        assert_eq!(broken.stderr.lines().count(), 1, "{}", broken.stderr);
    }
    server.put("/big.bin", pattern(50_000));
    let whole = resume().expect(0);
    assert!(whole.stderr.contains("big.bin.part: it is a part of another file"), "{}", whole.stderr);
    assert!(whole.stderr.contains("downloading the file from its start"), "{}", whole.stderr);
    assert!(fs::read(folder.path().join("big.bin")).unwrap() == pattern(50_000));
}

#[test]
fn a_failed_download_keeps_what_a_later_one_can_continue_and_says_so() {
    let cases = [
        (Vendor::Quectel, true, "big.bin.part is kept for resume (--resume)"),
        (Vendor::Quectel, false, "what arrived is removed; resume (--resume) would keep it"),
        (Vendor::ChinaMobile, true, "what arrived is removed, because nothing proves which file it belongs to"),
        (Vendor::ChinaMobile, false, "what arrived is removed, because nothing proves which file it belongs to"),
    ];
    for (vendor, resume, words) in cases {
        let server = MemoryServer::new();
        server.add_user(USER, PASSWORD);
        server.put("/big.bin", pattern(60_000));
        let wire = Wire::to(server.remote(), vendor, Options::default(), &[]);
        let folder = tempfile::tempdir().unwrap();
        let get = |resume: bool| {
            let mut command = tool();
            command.args(["-p", wire.path(), "-s", "ftp://logger@127.0.0.1", "--retries", "0", "get"]);
            command.args(resume.then_some("--resume")).args(["/big.bin", "big.bin"]);
            run(command.env("FTP_MODEM_PASSWORD", PASSWORD).current_dir(&folder))
        };
        server.break_download_after(20_000);
        let broken = get(resume);
        assert!(broken.status > 0 && broken.stderr.contains(words), "{vendor}: {}", broken.stderr);
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, if words.contains("kept") { 2 } else { 0 }, "{vendor}: the partial file and its note");
        let whole = get(true).expect(0);
        assert_eq!(whole.stderr, "", "{vendor}: nothing is there that cannot be continued");
        assert!(fs::read(folder.path().join("big.bin")).unwrap() == pattern(60_000));
    }
}

#[test]
fn an_upload_is_continued() {
    let rig = Rig::new(Vendor::Quectel);
    rig.write("big.bin", pattern(60_000));
    rig.serve("big.bin", &pattern(60_000)[..40_000]);
    let sent = rig.run(&["--json", "put", "--resume", "big.bin", "/big.bin"]).expect(0).json();
    assert_eq!(sent["size"], 60_000);
    assert!(sent["moved"].as_u64().unwrap() < 30_000, "{sent}");
    assert!(rig.served("big.bin") == pattern(60_000));
}

#[test]
fn pipes_and_devices_are_streams() {
    let rig = Rig::new(Vendor::Luat);
    rig.serve("there.txt", text(100));
    rig.ok(&["get", "/there.txt", "/dev/null"]);
    assert!(!fs::metadata("/dev/null").unwrap().is_file(), "a device stays what it is");
    let piped = rig.run_with(&["put", "/dev/stdin", "/piped.txt"], &text(200));
    piped.expect(0);
    assert_eq!(rig.served("piped.txt"), text(200));
}

#[test]
fn a_failure_that_passes_is_retried_and_each_retry_counted() {
    let mut options = Options::default();
    options.quectel.failing_data_connections = 1;
    let rig = Rig::with(Vendor::Quectel, options.clone());
    rig.serve("there.txt", text(100));
    let ran = rig.run(&["--retries", "2", "get", "/there.txt", "-"]).expect(0);
    assert_eq!(ran.stdout, text(100));
    assert!(ran.stderr.contains("retry 1 of 2 in 2.0 s"), "{}", ran.stderr);

    options.quectel.failing_data_connections = 2;
    let rig = Rig::with(Vendor::Quectel, options);
    rig.serve("there.txt", text(100));
    let ran = rig.run(&["--retries", "2", "get", "/there.txt"]).expect(0);
    let retries: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("download failed")).collect();
    assert!(retries.len() == 2 && retries[0].contains("; retry 1 of 2 in 2.0 s"), "{}", ran.stderr);
    assert!(retries[1].contains("; retry 2 of 2 in 4.0 s, after reopening the port"), "{}", ran.stderr);
}

#[test]
fn the_last_retry_begins_at_the_port() {
    let mut options = Options::default();
    options.quectel.failing_data_connections = 1;
    let rig = Rig::with(Vendor::Quectel, options);
    rig.serve("there.txt", text(100));
    let ran = rig.run(&["-v", "--retries", "1", "--json", "get", "/there.txt"]).expect(0);
    assert_eq!((&ran.json()["attempts"], rig.read("there.txt")), (&2.into(), text(100)));
    assert_eq!(ran.stderr.matches("[info] attached").count(), 2, "{}", ran.stderr);
}

#[test]
fn an_upload_goes_by_a_temporary_name_when_asked_for() {
    let rig = Rig::new(Vendor::Quectel);
    rig.write("new.bin", pattern(3000));
    rig.serve("there.bin", "old");
    let sent = rig.run(&["-vv", "put", "--temp", "new.bin", "/there.bin"]).expect(0);
    assert!(sent.stderr.contains("/there.bin.part"), "{}", sent.stderr);
    assert!(rig.served("there.bin") == pattern(3000));
    assert!(!rig.folder.path().join("there.bin.part").exists());
    let lacking = Rig::new(Vendor::Generic);
    lacking.write("new.bin", "x");
    lacking.run(&["put", "--temp", "new.bin", "/there.bin"]).expect(7);
}

#[test]
fn a_download_of_a_missing_file_leaves_nothing() {
    let rig = Rig::new(Vendor::Quectel);
    rig.run(&["get", "/missing.bin", "here.bin"]).expect(8);
    assert_eq!(fs::read_dir(rig.local.path()).unwrap().count(), 0);
}
