//! Where the name of a file on the server becomes a local one, the file stays in the folder. That happens in two
//! places: `local_name`, for programs that copy what a listing holds, and the command `get` without LOCAL, which uses
//! it. Everywhere else the caller names the local file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path};

use ftp_modem::emulator::{Family, MemoryServer, Options, PtyModule};
use ftp_modem::modem::listing;
use ftp_modem::transfer::local_name;

use crate::tool::{Ran, tool, tool_on};

const COUNT: usize = 10_000;

/// What hostile names are made of.
const PIECES: &[&str] = &[
    "..",
    ".",
    "/",
    "\\",
    "//",
    "\\\\",
    "../",
    "..\\",
    "/etc/passwd",
    "C:",
    "c:\\",
    "\\\\?\\",
    "\\\\host\\share",
    "file://",
    "~",
    "~root",
    "$HOME",
    "%SystemRoot%",
    "CON",
    "nul",
    "AUX",
    "PRN",
    "COM1",
    "lpt9",
    "COM¹",
    "CONIN$",
    "clock$",
    ".txt",
    ":stream",
    "::$DATA",
    "\0",
    "\n",
    "\r",
    "\t",
    "\x1b[2J",
    "\x07",
    "\x7f",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2028}",
    " ",
    ".",
    "*",
    "?",
    "\"",
    "<",
    ">",
    "|",
    "-",
    "-rf",
    "a",
    "report",
    "ü",
    "测试",
    "\u{ff0f}",
    "\u{2215}",
    "%2f",
    "%2e%2e%2f",
    "name",
];

/// Names put together from the pieces, always the same ones; some with bytes that are no text.
fn hostile_names() -> Vec<Vec<u8>> {
    let mut state = 20_240_722u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
    while names.len() < COUNT {
        let mut name = Vec::new();
        for _ in 0..=next(4) {
            name.extend_from_slice(PIECES[next(PIECES.len())].as_bytes());
        }
        match next(20) {
            0 => name.push(0xff),
            1 => name.extend(vec![b'x'; 230 + next(40)]),
            _ => {}
        }
        names.insert(name);
    }
    names.into_iter().collect()
}

/// The names that a server lists, as the driver understands them.
fn listed(names: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut text = Vec::new();
    for name in names {
        text.extend_from_slice(b"-rw-r--r-- 1 ftp ftp 5 Jul 22 04:09 ");
        text.extend_from_slice(name);
        text.extend_from_slice(b"\r\n");
    }
    listing::parse(&text).into_iter().map(|entry| entry.name).collect()
}

/// Everything in a folder, links not followed.
fn contents(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn ten_thousand_hostile_names_never_leave_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let names = hostile_names();
    let mut created = BTreeSet::new();
    for name in names.iter().chain(&listed(&names)) {
        let Some(local) = local_name(name) else { continue };
        let shown = name.escape_ascii();
        assert!(matches!(local.components().collect::<Vec<_>>()[..], [Component::Normal(_)]), "{shown}");
        let text = local.to_str().unwrap();
        assert_eq!(text.as_bytes(), name, "a name is taken as it is, or not at all");
        // Separators, drives and streams of other systems, and what a shell or terminal would act on.
        assert!(!text.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']), "{shown}");
        assert!(!text.chars().any(char::is_control), "{shown}");
        let stem = text.split('.').next().unwrap().trim_end().to_lowercase();
        let devices = ["con", "prn", "aux", "nul", "com1", "com¹", "lpt9", "conin$", "clock$"];
        assert!(!devices.contains(&stem.as_str()) && !text.ends_with(['.', ' ']), "{shown}");
        fs::write(folder.join(&local), "x").unwrap();
        created.insert(text.to_owned());
    }
    assert!(created.len() > 200, "only {} names passed: the check was of refusals only", created.len());
    assert_eq!(contents(&folder), created);
    assert_eq!(contents(outside.path()), BTreeSet::from(["folder".to_owned()]));
}

#[test]
fn get_without_local_refuses_names_that_lead_elsewhere() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(outside.path().join("victim"), "precious").unwrap();
    std::os::unix::fs::symlink(outside.path().join("victim"), folder.join("link")).unwrap();
    std::os::unix::fs::symlink("/dev/null", folder.join("device")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("nothing-yet"), folder.join("dangling")).unwrap();
    let before = contents(&folder);
    for remote in [
        "/a/..",
        "..",
        ".",
        "/",
        "",
        "/a/..\\..\\victim",
        "/a/C:victim",
        "/a/nul",
        "/a/COM1.txt",
        "/a/x\x1b[2J",
        "/a/x\n",
        "/a/x.",
        "/a/ x",
        "/a/-",
        "/a/link",
        "/a/device",
        "/a/dangling",
    ] {
        let mut get = tool();
        get.current_dir(&folder).args([
            "--port",
            "/dev/no-such-port",
            "--server",
            "ftp://u@192.0.2.7",
            "get",
            "--",
            remote,
        ]);
        let ran = Ran::of(get.env("FTP_MODEM_PASSWORD", "x"));
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{remote:?}: {}", ran.stderr);
        let words = if remote.is_empty() || remote == "/" { "does not name a file" } else { "specify LOCAL" };
        assert!(ran.stderr.contains(words), "{remote:?}: {}", ran.stderr);
    }
    assert_eq!(contents(&folder), before);
    assert_eq!(fs::read(outside.path().join("victim")).unwrap(), b"precious");
}

#[test]
fn get_without_local_writes_into_the_folder_and_not_through_planted_links() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(outside.path().join("victim"), "precious").unwrap();
    for planted in ["b.txt.part", "c.txt.part.of"] {
        std::os::unix::fs::symlink(outside.path().join("victim"), folder.join(planted)).unwrap();
    }
    let files = MemoryServer::new();
    for name in ["a", "b", "c"] {
        files.put(format!("/deep/{name}.txt"), "12345");
    }
    let module = PtyModule::spawn(Family::Luat, files.remote(), Options::default()).unwrap();
    for name in ["a", "b", "c"] {
        let remote = format!("/deep/../deep/./{name}.txt");
        let ran = Ran::of(tool_on(&module).current_dir(&folder).args(["get", &remote]));
        // The link with the name of the partial file, or of its note, is in the way; the error says so.
        assert_eq!(ran.status, if name == "a" { 0 } else { 9 }, "{name}: {}", ran.stderr);
    }
    assert_eq!(fs::read(folder.join("a.txt")).unwrap(), b"12345");
    assert_eq!(fs::read(outside.path().join("victim")).unwrap(), b"precious");
    assert_eq!(contents(outside.path()), BTreeSet::from(["folder".to_owned(), "victim".to_owned()]));
}

/// A name from a listing must not lead out of the folder either, whatever lies in the working directory.
#[test]
fn get_of_a_pattern_does_not_follow_links_in_the_target_folder() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(outside.path().join("victim"), "precious").unwrap();
    std::os::unix::fs::symlink(outside.path().join("victim"), folder.join("a.txt")).unwrap();
    // A link in the working directory is not in the way of the one in the folder.
    std::os::unix::fs::symlink(outside.path().join("victim"), outside.path().join("b.txt")).unwrap();
    let files = MemoryServer::new();
    for name in ["a", "b"] {
        files.put(format!("/out/{name}.txt"), "12345");
    }
    let module = PtyModule::spawn(Family::Quectel, files.remote(), Options::default()).unwrap();
    for (remote, status) in [("/out/a*", 2), ("/out/a.txt", 2), ("/out/b*", 0)] {
        let ran = Ran::of(tool_on(&module).current_dir(&outside).args(["get", remote, "folder"]));
        assert_eq!(ran.status, status, "{remote}: {}", ran.stderr);
    }
    assert_eq!(fs::read(outside.path().join("victim")).unwrap(), b"precious");
    assert_eq!(fs::read(folder.join("b.txt")).unwrap(), b"12345");
}
