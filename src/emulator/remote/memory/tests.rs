use super::{MemoryServer, Operation};
use crate::emulator::{FalseSize, ListRows, Listing, RemoteError, StoreMode, Tls};
use std::io::{Read, Write};

fn login(server: &MemoryServer) -> Box<dyn crate::emulator::Remote> {
    let mut remote = server.remote();
    remote.connect("host", 21, Tls::Off).unwrap();
    remote.login("u", "p").unwrap();
    remote
}

#[test]
fn a_file_comes_back_as_it_was_stored() {
    let server = MemoryServer::new();
    let mut remote = login(&server);
    remote.make_dir("a").unwrap();
    remote.cwd("a").unwrap();
    for (mode, text, expected) in [
        (StoreMode::Create, "12345", "12345"),
        (StoreMode::Append, "67", "1234567"),
        (StoreMode::At(3), "xyzuv", "123xyzuv"),
    ] {
        let mut upload = remote.store("f", mode).unwrap();
        upload.write_all(text.as_bytes()).unwrap();
        upload.finish().unwrap();
        assert_eq!(server.file("/a/f").unwrap(), expected.as_bytes());
    }
    let mut text = String::new();
    remote.retrieve("/a/f", 6).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "uv");
    remote.rename("/a", "/b").unwrap();
    assert_eq!(remote.size("/b/f"), Ok(8));
    assert_eq!(remote.remove_dir("/b").unwrap_err().code(), Some(550));
    remote.remove("/b/f").unwrap();
    remote.remove_dir("/b").unwrap();
    assert_eq!(server.sessions(), 1);
    remote.quit().unwrap();
    assert_eq!(server.sessions(), 0);
}

#[test]
fn failures_come_once_and_in_order() {
    let server = MemoryServer::new();
    server.add_user("u", "p");
    server.fail_next(Operation::Size, RemoteError::reply(421, "busy"));
    let mut remote = login(&server);
    server.put("f", "x");
    assert_eq!(remote.size("f").unwrap_err().code(), Some(421));
    assert_eq!(remote.size("f"), Ok(1));
    assert_eq!(remote.login("u", "q").unwrap_err().code(), Some(530));
    server.habits().largest_file = Some(2);
    let mut upload = remote.store("g", StoreMode::Create).unwrap();
    assert!(upload.write_all(b"abc").is_err());
    assert_eq!(upload.finish().unwrap_err().code(), Some(452));
}

#[test]
fn listings_look_like_a_server_s() {
    let server = MemoryServer::new();
    server.put("/d/f", "12345");
    let mut remote = login(&server);
    for (path, listing, expected) in [
        ("", Listing::Long, "drwxr-xr-x    2 ftp      ftp          4096 Jul 22 04:09 d\r\n"),
        ("d", Listing::Long, "-rw-r--r--    1 ftp      ftp             5 Jul 22 04:09 f\r\n"),
        ("/d/f", Listing::Names, "f\r\n"),
        ("d", Listing::Facts, "type=file;size=5;modify=20240722040900; f\r\n"),
    ] {
        let mut text = String::new();
        remote.list(path, listing).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, expected);
    }
    assert!(remote.list("nowhere", Listing::Long).is_err());
}

fn listed(remote: &mut dyn crate::emulator::Remote, path: &str) -> String {
    let mut text = String::new();
    match remote.list(path, Listing::Long) {
        Ok(mut reader) => drop(reader.read_to_string(&mut text).unwrap()),
        Err(error) => text = error.to_string(),
    }
    text
}

fn store(remote: &mut dyn crate::emulator::Remote, path: &str, mode: StoreMode) -> Result<(), RemoteError> {
    let mut upload = remote.store(path, mode)?;
    upload.write_all(b"12345").unwrap();
    upload.finish()
}

#[test]
fn a_link_is_listed_as_itself_and_read_as_its_target() {
    let server = MemoryServer::new();
    server.put("/old/R.pkg", "0123456789");
    server.add_link("/R.pkg", "old/R.pkg");
    server.add_link("/loop", "loop");
    let mut remote = login(&server);
    let row = "lrwxrwxrwx    1 ftp      ftp             9 Jul 22 04:09 R.pkg -> old/R.pkg\r\n";
    assert_eq!(listed(remote.as_mut(), "R.pkg"), row);
    assert!(listed(remote.as_mut(), "").contains(row));
    assert_eq!(remote.size("R.pkg"), Ok(10));
    assert_eq!(remote.size("loop").unwrap_err().code(), Some(550));
    let mut text = String::new();
    remote.retrieve("R.pkg", 7).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "789");
    remote.rename("R.pkg", "S.pkg").unwrap();
    remote.remove("S.pkg").unwrap();
    assert_eq!(server.files(), ["/old/R.pkg"]);
}

#[test]
fn size_may_be_anything() {
    let server = MemoryServer::new();
    server.put("/f", vec![0; 70_000]);
    let mut remote = login(&server);
    for (answer, said) in [
        (FalseSize::Modulo(65_536), Ok(4464)),
        (FalseSize::Less(1), Ok(69_999)),
        (FalseSize::More(1), Ok(70_001)),
        (FalseSize::Less(1 << 32), Ok(0)),
        (FalseSize::Refused(502), Err(Some(502))),
    ] {
        server.habits().answer_size("f", answer);
        assert_eq!(remote.size("f").map_err(|error| error.code()), said);
    }
    server.habits().answer_size("f", FalseSize::Less(1 << 32));
    assert_eq!(remote.size_text("f").unwrap(), "-4294897296");
    server.habits().answer_size_after_upload("*", FalseSize::Refused(550));
    server.put("/g", "12345");
    assert_eq!(remote.size("g"), Ok(5));
    store(remote.as_mut(), "g", StoreMode::Create).unwrap();
    assert_eq!(remote.size("g").unwrap_err().code(), Some(550));
}

#[test]
fn a_file_may_grow_behind_its_size() {
    let server = MemoryServer::new();
    server.put("/f", "12345");
    server.habits().grow_after_size("f", "67");
    let mut remote = login(&server);
    assert_eq!(remote.size("f"), Ok(5));
    assert_eq!(server.file("f").unwrap(), b"1234567");
    assert_eq!(remote.size("f"), Ok(7));
}

#[test]
fn rows_may_have_paths_or_tabs() {
    let server = MemoryServer::new();
    server.put("/d/f", "12345");
    let mut remote = login(&server);
    server.habits().rows = ListRows::Paths;
    for (path, name) in [("d", "d/f"), ("/d/", "/d/f"), ("d/f", "d/f")] {
        assert!(listed(remote.as_mut(), path).ends_with(&format!(" {name}\r\n")), "{path}");
    }
    server.habits().rows = ListRows::Tabs;
    assert_eq!(listed(remote.as_mut(), "d"), "-rw-r--r--\t1\tftp\tftp\t5\tJul 22 04:09\tf\r\n");
}

#[test]
fn list_may_ignore_or_refuse_its_argument_or_take_it_for_a_pattern() {
    let server = MemoryServer::new();
    server.put("/a[1].bin", "12345");
    server.put("/a1.bin", "123");
    server.add_directory("/d");
    let mut remote = login(&server);
    assert!(listed(remote.as_mut(), "a[1].bin").ends_with(" a[1].bin\r\n"));
    server.habits().matches_patterns = true;
    assert!(listed(remote.as_mut(), "a[1].bin").ends_with(" 3 Jul 22 04:09 a1.bin\r\n"));
    assert!(listed(remote.as_mut(), "b*").starts_with("550 "));
    assert!(listed(remote.as_mut(), "none").starts_with("550 "));
    server.habits().lists_missing_as_empty = true;
    assert_eq!(listed(remote.as_mut(), "none"), "");
    assert_eq!(listed(remote.as_mut(), "b*"), "");
    server.habits().refuses_file_lists = Some(550);
    assert!(listed(remote.as_mut(), "a1.bin").starts_with("550 "));
    assert_eq!(listed(remote.as_mut(), "d"), "");
    server.habits().ignores_list_argument = true;
    assert_eq!(listed(remote.as_mut(), "d").lines().count(), 3);
}

#[test]
fn restart_and_append_may_be_refused() {
    let server = MemoryServer::new();
    server.put("/f", "12345");
    let mut remote = login(&server);
    server.habits().refuses_restart = Some(502);
    server.habits().refuses_append = Some(451);
    assert!(remote.retrieve("f", 0).is_ok());
    assert_eq!(remote.retrieve("f", 1).map(drop).unwrap_err().code(), Some(502));
    for (mode, code) in [(StoreMode::Create, None), (StoreMode::Append, Some(451)), (StoreMode::At(5), Some(502))] {
        assert_eq!(store(remote.as_mut(), "f", mode).err().and_then(|error| error.code()), code, "{mode:?}");
    }
}

#[test]
fn an_inbox_is_emptied() {
    let server = MemoryServer::new();
    server.add_directory("/in");
    server.habits().take_uploads("/in");
    let mut remote = login(&server);
    store(remote.as_mut(), "/in/f", StoreMode::Create).unwrap();
    assert_eq!(remote.size("/in/f").unwrap_err().code(), Some(550));
    assert_eq!(server.taken(), [("/in/f".to_owned(), b"12345".to_vec())]);
}

#[test]
fn a_listing_may_have_no_end() {
    let server = MemoryServer::new();
    server.habits().lists_endlessly = true;
    let mut remote = login(&server);
    let mut empty = Vec::new();
    remote.list("", Listing::Long).unwrap().read_to_end(&mut empty).unwrap();
    assert_eq!(empty, b"");
    server.put("/f", "1");
    let mut rows = vec![0; 4000];
    remote.list("", Listing::Names).unwrap().read_exact(&mut rows).unwrap();
    assert_eq!(rows, b"f\r\n".repeat(1334)[..4000]);
}
