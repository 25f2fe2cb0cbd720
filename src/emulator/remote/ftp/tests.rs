#[path = "../../../../examples/demo/folder.rs"]
mod folder;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use super::FtpRemote;
use crate::emulator::{Family, Listing, Module, NetworkCause, Options, Remote, RemoteError, StoreMode, Tls, name};

/// A server of `root` on loopback that lives as long as the runtime.
fn serve(root: &std::path::Path) -> (tokio::runtime::Runtime, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let root = root.to_owned();
    runtime.spawn(async move {
        let server = libunftp::ServerBuilder::new(Box::new(move || folder::Folder(root.clone())))
            .passive_host(std::net::Ipv4Addr::LOCALHOST)
            .build()
            .unwrap();
        server.listen(address.to_string()).await.unwrap();
    });
    let patience = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(address).is_err() && Instant::now() < patience {
        std::thread::yield_now();
    }
    (runtime, address)
}

#[test]
fn a_real_server_does_all_that_a_remote_does() {
    let root = tempfile::tempdir().unwrap();
    let (_runtime, address) = serve(root.path());
    let mut remote = FtpRemote::new().with_host("ftp.example.com", address);
    assert_eq!(remote.pwd(), Err(RemoteError::Network(NetworkCause::Dropped)));
    remote.connect("ftp.example.com", 21, Tls::Off).unwrap();
    remote.login("anonymous", "x").unwrap();
    remote.make_dir("d").unwrap();
    remote.cwd("d").unwrap();
    assert_eq!(remote.pwd().unwrap().trim_matches('"'), "/d");
    let content: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let mut upload = remote.store("f", StoreMode::Create).unwrap();
    upload.write_all(&content).unwrap();
    upload.finish().unwrap();
    assert_eq!(std::fs::read(root.path().join("d/f")).unwrap(), content);
    assert_eq!(remote.size("f"), Ok(300_000));
    assert_eq!(remote.modified("f").unwrap().len(), 14);
    let mut back = Vec::new();
    remote.retrieve("f", 1000).unwrap().read_to_end(&mut back).unwrap();
    assert_eq!(back, &content[1000..]);
    let mut listing = String::new();
    remote.list("", Listing::Long).unwrap().read_to_string(&mut listing).unwrap();
    assert!(listing.contains("300000") && listing.ends_with("f\r\n"), "{listing:?}");
    drop(remote.retrieve("f", 0).unwrap());
    assert_eq!(remote.size("missing").unwrap_err().code(), Some(550));
    assert_eq!(remote.command("NOOP").unwrap().0, 200);
    remote.rename("f", "g").unwrap();
    remote.remove("g").unwrap();
    remote.cwd("/").unwrap();
    remote.remove_dir("d").unwrap();
    remote.quit().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = remote.connect("127.0.0.1", closed.port(), Tls::Off);
    assert_eq!(refused, Err(RemoteError::Network(NetworkCause::Refused)));
}

#[test]
fn an_empty_directory_of_a_real_server_is_no_file() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("d")).unwrap();
    std::fs::write(root.path().join("f"), "12345").unwrap();
    let (_runtime, address) = serve(root.path());
    let options = Options::default().with_echo(false).with_pdp_active(true);
    let remote = FtpRemote::new().with_host("h", address);
    let mut module = Module::new(Family::ChinaMobile, Box::new(remote), options);
    for (line, answer) in [
        ("AT+MFTPCONN=0,\"h\",\"anonymous\",\"x\"", "+MFTPCONN: 0,0"),
        ("AT+MFTPLIST=0,\"d\"", "+MFTPLIST: 0,14"),
        ("AT+MFTPLIST=0,\"/d\"", "+MFTPLIST: 0,14"),
        ("AT+MFTPPWD=0", "+MFTPPWD: 0,0,\"/\""),
    ] {
        let mut out = Vec::new();
        module.receive(Duration::ZERO, format!("{line}\r").as_bytes());
        module.transmit(Duration::ZERO, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("\r\nOK\r\n\r\n{answer}\r\n"), "{line}");
    }
}

#[test]
fn a_module_reaches_a_real_server() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("f"), "12345").unwrap();
    let (_runtime, address) = serve(root.path());
    let options = Options::default().with_echo(false).with_pdp_active(true);
    let mut module = Module::new(Family::Generic, Box::new(FtpRemote::new()), options);
    let mut out = Vec::new();
    for line in [
        format!("AT+FTPPORT={}", address.port()),
        "AT+FTPSERV=127.0.0.1".to_owned(),
        "AT+FTPUN=anonymous".to_owned(),
        "AT+FTPPW=x".to_owned(),
        "AT+FTPGETNAME=f".to_owned(),
        "AT+FTPRESET=2".to_owned(),
        "AT+FTPGET".to_owned(),
        "AT+FTPQUIT".to_owned(),
    ] {
        module.receive(Duration::ZERO, format!("{line}\r").as_bytes());
        module.transmit(Duration::ZERO, &mut out);
    }
    let expected =
        "\r\nOK\r\n\r\n+FTPSERV:0\r\n".to_owned() + &"\r\nOK\r\n".repeat(5) + "\r\n+FTPGET:3,345\r\nOK\r\n\r\nOK\r\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_real_server_gets_names_byte_for_byte() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut control, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(control.try_clone().unwrap()).split(b'\n');
        let replies = ["220 ", "331 ", "230 ", "200 ", "213 3", "250 "].map(|reply| reply.as_bytes().to_vec());
        let mut asked = Vec::new();
        for reply in replies.into_iter().chain([b"257 \"/\xb1\xa8\"".to_vec()]) {
            control.write_all(&[&reply[..], b" \r\n"].concat()).unwrap();
            asked.push(lines.next().transpose().unwrap().unwrap_or_default());
        }
        asked
    });
    let mut remote = FtpRemote::new().with_host("h", address);
    remote.connect("h", 21, Tls::Off).unwrap();
    remote.login("u", "p").unwrap();
    assert_eq!(remote.size(&name::from_bytes(b"\xb1\xa8")), Ok(3));
    remote.cwd(&name::from_bytes(b"/\xb1\xa8")).unwrap();
    assert_eq!(name::to_bytes(&remote.pwd().unwrap()), b"/\xb1\xa8");
    drop(remote);
    let asked = server.join().unwrap();
    assert_eq!(asked[3..5], [&b"SIZE \xb1\xa8\r"[..], b"CWD /\xb1\xa8\r"]);
}
