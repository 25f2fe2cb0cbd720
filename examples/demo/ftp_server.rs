//! A real FTP server on loopback, in this process: libunftp, with one directory and one account.

#[allow(clippy::duplicate_mod, reason = "some suites have both kinds of servers")]
#[path = "folder.rs"]
mod folder;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use libunftp::ServerBuilder;
use tokio::runtime::Runtime;
use unftp_core::auth::{AuthenticationError, Authenticator, Credentials, Principal};

use folder::Folder;

pub const USER: &str = "logger";
pub const PASSWORD: &str = "s3cret-on-loopback";

/// Accepts one account.
struct OneAccount;

impl fmt::Debug for OneAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneAccount")
    }
}

#[async_trait]
impl Authenticator for OneAccount {
    async fn authenticate(&self, user: &str, credentials: &Credentials) -> Result<Principal, AuthenticationError> {
        match (user, credentials.password.as_deref()) {
            (USER, Some(PASSWORD)) => Ok(Principal { username: user.to_owned() }),
            (USER, _) => Err(AuthenticationError::BadPassword),
            _ => Err(AuthenticationError::BadUser),
        }
    }
}

/// The server. Dropping it stops it.
pub struct FtpServer {
    _runtime: Runtime,
    address: SocketAddr,
}

impl FtpServer {
    /// Serves `folder` on a free port of 127.0.0.1.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        // The server takes an address, not a socket, so the port is free for a moment before the server binds it.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let folder = folder.to_owned();
        let server = ServerBuilder::new(Box::new(move || Folder(folder.clone())))
            .authenticator(Arc::new(OneAccount))
            .passive_host(Ipv4Addr::LOCALHOST)
            .build()
            .map_err(io::Error::other)?;
        runtime.spawn(async move { server.listen(address.to_string()).await });
        for _ in 0..500 {
            if TcpStream::connect(address).is_ok() {
                return Ok(FtpServer { _runtime: runtime, address });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::from(io::ErrorKind::TimedOut))
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
