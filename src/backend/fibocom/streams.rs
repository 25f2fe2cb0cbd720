//! The other way to move files: FTPRETR and FTPSTOR, streams that are coded instead of counted.

use std::io::{self, Read, Write};

use super::coding::{self, Decoder, END};
use super::connection::Doubt;
use super::download::{BINARY, Wanted};
use super::{DATA, DONE, Fibocom, PATH, RESULT_LIMIT, upload};
use crate::at::{Command, Drain, Pattern, Verdict};
use crate::backend::exchange::is_refusal;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::modem::{Retrieve, Store, Transfer};

const RETRIEVED: Pattern = Pattern::Prefix("+FTPRETR");
const STORED: Pattern = Pattern::Prefix("+FTPSTOR");

/// Bytes of a file that are coded and sent at a time. Between two pieces the module can be heard.
const PIECE: usize = 512;
/// How many of the last bytes are believed only when the stream has ended. What a module says that restarts in the middle would
/// otherwise pass for the file's.
const HELD_BACK: usize = 512;

impl Fibocom {
    /// Downloads as [`FtpModem::retrieve`](crate::FtpModem::retrieve) does, but by FTPRETR (L610 guide V1.0.0 §3.2): the file comes
    /// in one stream, not through the module's cache. It is faster where the serial line is the bottleneck. But the module cannot be
    /// told to stop: a cancellation, or a sink that fails, takes effect when the whole file has come. The number of bytes is
    /// checked against the size that the server states.
    ///
    /// # Errors
    /// As [`FtpModem::retrieve`](crate::FtpModem::retrieve).
    pub fn retrieve_streamed(&mut self, path: &str, what: &Retrieve, sink: &mut dyn Write) -> Result<Transfer> {
        self.at_server("download", &[path], |fibocom| {
            let wanted = fibocom.wanted(path, what)?;
            let mut arrival = Arrival::new(sink, wanted.most);
            let outcome = match wanted.most {
                0 => Ok(()),
                _ => fibocom.stream_out(path, wanted, &mut arrival),
            };
            outcome.and_then(|()| arrival.outcome(&wanted)).map_err(|error| error.with_transferred(arrival.delivered))
        })
    }

    fn stream_out(&mut self, path: &str, wanted: Wanted, arrival: &mut Arrival<'_>) -> Result<()> {
        let verdict = self.start_streaming(path, wanted)?;
        if verdict.number(0) != Some(DATA) {
            return Err(self.not_fetched(wanted, 0));
        }
        let mut outcome = self.engine.receive_stream(RESULT_LIMIT, |bytes| arrival.take(bytes));
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Cancelled) {
            // The module goes on all the same: the line is free when it has come to its end.
            arrival.discard();
            let rest = self.engine.receive_stream(RESULT_LIMIT, |bytes| arrival.take(bytes));
            outcome = outcome.map_err(|error| if rest.is_err() { error.module_left_unusable() } else { error });
        }
        outcome?;
        let deadline = self.engine.deadline(Phase::Result, RESULT_LIMIT);
        match self.engine.verdict(&RETRIEVED, deadline)?.number(0) {
            Some(DONE) => Ok(()),
            _ => Err(self.not_fetched(wanted, arrival.delivered)),
        }
    }

    /// Asks for a file in the guide's form, which is its name alone, or with the arguments of the MC66x SDK where it is not all of it.
    fn start_streaming(&mut self, path: &str, wanted: Wanted) -> Result<Verdict> {
        let whole = || Command::set("+FTPRETR").text(&PATH, path);
        if wanted.offset == 0 && !wanted.is_part {
            return self.run(whole(), &RETRIEVED);
        }
        let from = || whole().number(BINARY).number(wanted.offset);
        if wanted.is_part && self.takes_size {
            match self.run(from().number(wanted.most), &RETRIEVED) {
                Err(error) if is_refusal(error.kind()) => {}
                verdict => return verdict,
            }
        }
        self.run(from(), &RETRIEVED)
    }

    /// Uploads as [`FtpModem::store`](crate::FtpModem::store) does, but by FTPSTOR (L610 guide V1.0.0 §3.2 note 6): in one stream, in
    /// which each 0x03 and 0x10 takes two bytes. Nothing counts the bytes on their way, so the result is
    /// [`Unconfirmed`](crate::modem::Assurance::Unconfirmed).
    ///
    /// # Errors
    /// As [`FtpModem::store`](crate::FtpModem::store).
    pub fn store_streamed(&mut self, path: &str, how: &Store, source: &mut dyn Read) -> Result<Transfer> {
        upload::supported(how).map_err(|error| error.during("upload"))?;
        self.at_server("upload", &[path], |fibocom| {
            let bytes = fibocom.stream_in(path, source)?;
            upload::as_announced(how, bytes)?;
            Ok(Transfer::new(bytes, crate::modem::Assurance::Unconfirmed))
        })
    }

    /// Stores all that `source` yields in one stream; also the only form for an empty file.
    pub(super) fn stream_in(&mut self, path: &str, source: &mut dyn Read) -> Result<u64> {
        let mut sent = 0;
        let outcome = self.stream(path, source, &mut sent);
        match outcome {
            Ok(()) => Ok(sent),
            // The module has said that it is over, or that it does not begin.
            Err(error) if matches!(error.kind(), ErrorKind::ServerRefused | ErrorKind::InvalidInput) => {
                self.doubt = None;
                Err(error.with_transferred(sent))
            }
            Err(error) if is_refusal(error.kind()) => {
                self.doubt = None;
                Err(error.with_transferred(sent))
            }
            Err(error) => Err(self.give_up(error).with_transferred(sent)),
        }
    }

    fn stream(&mut self, path: &str, source: &mut dyn Read, sent: &mut u64) -> Result<()> {
        self.doubt = Some(Doubt::Stream);
        let verdict = self.run(Command::set("+FTPSTOR").text(&PATH, path), &STORED)?;
        if verdict.number(0) != Some(DATA) {
            return Err(self.engine.error(ErrorKind::ServerRefused, "the module gives no reason"));
        }
        self.send_coded(source, sent)?;
        self.send(&[END])?;
        self.finish(&STORED)?;
        self.doubt = None;
        Ok(())
    }

    fn send_coded(&mut self, source: &mut dyn Read, sent: &mut u64) -> Result<()> {
        let mut source = Drain::new(source);
        let mut piece = [0; PIECE];
        let mut coded = Vec::with_capacity(2 * PIECE);
        loop {
            let filled = source.fill(&mut piece)?;
            if filled == 0 {
                return Ok(());
            }
            let _ = self.engine.glance()?;
            if self.engine.take(&STORED).is_some() {
                return Err(self.engine.error(ErrorKind::DataConnection, "the module ended the upload by itself"));
            }
            coded.clear();
            coding::encode(piece.get(..filled).unwrap_or_default(), &mut coded);
            *sent += filled as u64;
            self.send(&coded)?;
        }
    }

    /// Sends bytes of which the module was promised none.
    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.engine.send_payload(bytes, 0, RESULT_LIMIT)
    }
}

/// A coded stream on its way to the caller's writer.
struct Arrival<'a> {
    sink: &'a mut dyn Write,
    decoder: Decoder,
    decoded: Vec<u8>,
    /// How many more bytes the caller wants.
    left: u64,
    delivered: u64,
    /// Bytes that came and were not wanted.
    surplus: u64,
    failure: Option<io::Error>,
}

impl<'a> Arrival<'a> {
    fn new(sink: &'a mut dyn Write, most: u64) -> Self {
        let decoder = Decoder::default();
        Arrival { sink, decoder, decoded: Vec::new(), left: most, delivered: 0, surplus: 0, failure: None }
    }

    /// Delivers nothing any more.
    fn discard(&mut self) {
        self.left = 0;
    }

    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let (used, ended) = self.decoder.decode(bytes, &mut self.decoded);
        let held = if ended { 0 } else { HELD_BACK };
        self.pass_on(self.decoded.len().saturating_sub(held));
        (used, ended)
    }

    fn pass_on(&mut self, count: usize) {
        let wanted = usize::try_from(self.left).map_or(count, |left| left.min(count));
        if self.failure.is_none() {
            match self.sink.write_all(self.decoded.get(..wanted).unwrap_or_default()) {
                Ok(()) => self.delivered += wanted as u64,
                Err(failure) => self.failure = Some(failure),
            }
        }
        self.left -= wanted as u64;
        self.surplus += (count - wanted) as u64;
        self.decoded.drain(..count);
    }

    fn outcome(&mut self, wanted: &Wanted) -> Result<Transfer> {
        if let Some(failure) = self.failure.take() {
            return Err(Error::local(failure));
        }
        if self.decoder.is_corrupt() || (self.surplus > 0 && !wanted.is_part) {
            let detail = "bytes were lost or added on the way, or the file has changed meanwhile";
            return Err(Error::new(ErrorKind::VerificationFailed, detail));
        }
        wanted.outcome(self.delivered)
    }
}
