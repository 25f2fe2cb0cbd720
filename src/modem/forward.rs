//! A pointer to a modem is a modem.

use std::any::Any;
use std::io::{Read, Write};
use std::time::Duration;

use super::{
    AccessPoint, Bearer, Capabilities, Controls, DataConnection, Entry, FileType, FtpModem, Identity, Metadata,
    Modified, Network, Retrieve, Server, SessionState, Store, Transfer,
};
use crate::error::{RecoveryStep, Result};

/// Implements the trait for pointers to modems. Each method calls that of the target, also where the trait provides
/// one: the target may have its own.
macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<T: FtpModem + ?Sized> FtpModem for $pointer {
            fn identity(&self) -> &Identity {
                (**self).identity()
            }

            fn capabilities(&self) -> &Capabilities {
                (**self).capabilities()
            }

            fn vendor(&self) -> &'static str {
                (**self).vendor()
            }

            fn as_any(&mut self) -> Option<&mut dyn Any> {
                (**self).as_any()
            }

            fn controls(&self) -> &Controls {
                (**self).controls()
            }

            fn set_controls(&mut self, controls: Controls) {
                (**self).set_controls(controls)
            }

            fn budget_left(&self) -> Option<Duration> {
                (**self).budget_left()
            }

            fn recover(&mut self, step: RecoveryStep, access_point: &AccessPoint) -> Result<()> {
                (**self).recover(step, access_point)
            }

            fn server(&self) -> Option<&Server> {
                (**self).server()
            }

            fn network(&mut self) -> Result<Network> {
                (**self).network()
            }

            fn command(&mut self, line: &str) -> Result<Vec<String>> {
                (**self).command(line)
            }

            fn unlock(&mut self, pin: &str) -> Result<bool> {
                (**self).unlock(pin)
            }

            fn use_data_connection(&mut self, mode: DataConnection) -> Result<()> {
                (**self).use_data_connection(mode)
            }

            fn use_file_type(&mut self, file_type: FileType) -> Result<()> {
                (**self).use_file_type(file_type)
            }

            fn attach(&mut self, access_point: &AccessPoint) -> Result<Bearer> {
                (**self).attach(access_point)
            }

            fn detach(&mut self) -> Result<()> {
                (**self).detach()
            }

            fn login(&mut self, server: &Server) -> Result<()> {
                (**self).login(server)
            }

            fn logout(&mut self) -> Result<()> {
                (**self).logout()
            }

            fn status(&mut self) -> Result<SessionState> {
                (**self).status()
            }

            fn pwd(&mut self) -> Result<String> {
                (**self).pwd()
            }

            fn cwd(&mut self, path: &str) -> Result<()> {
                (**self).cwd(path)
            }

            fn cdup(&mut self) -> Result<()> {
                (**self).cdup()
            }

            fn list(&mut self, path: &str) -> Result<Vec<Entry>> {
                (**self).list(path)
            }

            fn names(&mut self, path: &str) -> Result<Vec<Vec<u8>>> {
                (**self).names(path)
            }

            fn metadata(&mut self, path: &str) -> Result<Metadata> {
                (**self).metadata(path)
            }

            fn metadata_to_retrieve(&mut self, path: &str) -> Result<Metadata> {
                (**self).metadata_to_retrieve(path)
            }

            fn size(&mut self, path: &str) -> Result<u64> {
                (**self).size(path)
            }

            fn modified(&mut self, path: &str) -> Result<Modified> {
                (**self).modified(path)
            }

            fn mkdir(&mut self, path: &str) -> Result<()> {
                (**self).mkdir(path)
            }

            fn rmdir(&mut self, path: &str) -> Result<()> {
                (**self).rmdir(path)
            }

            fn remove(&mut self, path: &str) -> Result<()> {
                (**self).remove(path)
            }

            fn rename(&mut self, from: &str, to: &str) -> Result<()> {
                (**self).rename(from, to)
            }

            fn retrieve(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
                (**self).retrieve(path, what, sink)
            }

            fn store(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
                (**self).store(path, how, source)
            }
        }
    )*};
}

forward!(Box<T>, &mut T);
