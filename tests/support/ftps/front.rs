//! TLS in front of a plain FTP server: implicit FTPS, one client after the other.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};

use super::Identity;

type Secured = StreamOwned<ServerConnection, TcpStream>;

/// Which way the data go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToClient,
    ToServer,
}

struct Front {
    config: Arc<ServerConfig>,
    behind: SocketAddr,
    requires_resumption: bool,
}

/// Begins to serve; the threads end with their connections.
pub fn start(behind: SocketAddr, identity: &Identity, requires_resumption: bool) -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let front = Arc::new(Front { config: Arc::new(config), behind, requires_resumption });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let front = Arc::clone(&front);
            // A client that refuses the certificate goes without a word.
            thread::spawn(move || drop(client.and_then(|client| front.serve(client))));
        }
    });
    address
}

impl Front {
    fn secure(&self, stream: TcpStream) -> io::Result<Secured> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        let mut secured = StreamOwned::new(connection, stream);
        while secured.conn.is_handshaking() {
            secured.conn.complete_io(&mut secured.sock)?;
        }
        Ok(secured)
    }

    /// A control connection: each command is passed on, and its replies are passed back, before the next one.
    fn serve(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        let mut client = BufReader::new(self.secure(client)?);
        let mut server = BufReader::new(TcpStream::connect(self.behind)?);
        let mut data = None;
        let greeting = reply(&mut server)?;
        client.get_mut().write_all(&greeting)?;
        loop {
            let mut command = String::new();
            if client.read_line(&mut command)? == 0 {
                return Ok(());
            }
            let verb = command.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
            if matches!(verb.as_str(), "PBSZ" | "PROT") {
                client.get_mut().write_all(b"200 Protected.\r\n")?;
                continue;
            }
            server.get_mut().write_all(command.as_bytes())?;
            loop {
                let mut reply = reply(&mut server)?;
                if reply.starts_with(b"227") {
                    let (rewritten, connection) = self.passive(&reply)?;
                    reply = rewritten;
                    data = Some(connection);
                }
                let is_preliminary = reply.starts_with(b"1");
                client.get_mut().write_all(&reply)?;
                if !is_preliminary {
                    break;
                }
                let way = if matches!(verb.as_str(), "STOR" | "APPE") { Way::ToServer } else { Way::ToClient };
                let is_accepted = data.take().is_none_or(|data| data.run(way));
                if !is_accepted {
                    self::reply(&mut server)?;
                    client.get_mut().write_all(b"522 SSL connection failed; session reuse required.\r\n")?;
                    break;
                }
            }
        }
    }

    /// Takes the place of the server's passive port.
    fn passive(self: &Arc<Self>, reply: &[u8]) -> io::Result<(Vec<u8>, DataConnection)> {
        let text = String::from_utf8_lossy(reply).into_owned();
        let numbers: Vec<u16> = text
            .split_once('(')
            .map_or("", |(_, rest)| rest)
            .split([',', ')'])
            .filter_map(|number| number.parse().ok())
            .collect();
        let behind = SocketAddr::from(([127, 0, 0, 1], numbers[4] * 256 + numbers[5]));
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let (way, ways) = channel();
        let (verdict, verdicts) = channel();
        let front = Arc::clone(self);
        thread::spawn(move || drop(front.carry(&listener, behind, &ways, &verdict)));
        let rewritten = format!("227 Entering Passive Mode (127,0,0,1,{},{})\r\n", port / 256, port % 256);
        Ok((rewritten.into_bytes(), DataConnection { way, verdicts }))
    }

    /// A data connection.
    fn carry(
        &self,
        listener: &TcpListener,
        behind: SocketAddr,
        ways: &Receiver<Way>,
        verdict: &Sender<bool>,
    ) -> io::Result<()> {
        let server = TcpStream::connect(behind)?;
        let (client, _) = listener.accept()?;
        let way = ways.recv().map_err(io::Error::other)?;
        let mut client = self.secure(client)?;
        let is_resumed = client.conn.handshake_kind() == Some(HandshakeKind::Resumed);
        let is_accepted = is_resumed || !self.requires_resumption;
        verdict.send(is_accepted).map_err(io::Error::other)?;
        if !is_accepted {
            client.conn.send_close_notify();
            client.flush()?;
            return server.shutdown(Shutdown::Both);
        }
        match way {
            Way::ToClient => {
                io::copy(&mut &server, &mut client)?;
                client.conn.send_close_notify();
                client.flush()?;
                client.sock.shutdown(Shutdown::Write)
            }
            Way::ToServer => {
                // A client that closes without close_notify has sent everything as well.
                drop(io::copy(&mut client, &mut &server));
                server.shutdown(Shutdown::Write)
            }
        }
    }
}

/// A data connection that waits for its direction.
struct DataConnection {
    way: Sender<Way>,
    verdicts: Receiver<bool>,
}

impl DataConnection {
    /// Lets the data go; whether the client's TLS session was accepted.
    fn run(&self, way: Way) -> bool {
        // Whoever has gone has no objection.
        self.way.send(way).ok();
        self.verdicts.recv().unwrap_or(true)
    }
}

/// One reply of the server, with all its lines.
fn reply(server: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let start = whole.len();
        if server.read_until(b'\n', &mut whole)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = &whole[start..];
        if line.len() >= 4 && line[..3].iter().all(u8::is_ascii_digit) && line[3] == b' ' {
            return Ok(whole);
        }
    }
}
