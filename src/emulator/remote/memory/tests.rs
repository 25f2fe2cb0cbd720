use super::{MemoryServer, Operation};
use crate::emulator::{Listing, RemoteError, StoreMode, Tls};
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
    server.limit_file_size(2);
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
