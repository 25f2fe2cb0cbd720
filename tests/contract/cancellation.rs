//! A cancelled operation leaves nothing behind that a later one takes for its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ftp_modem::emulator::Options;
use ftp_modem::modem::{AccessPoint, Retrieve};
use ftp_modem::transfer::Clock;
use ftp_modem::{Error, ErrorKind, OpenOptions, Vendor};

use crate::for_each_dialect;
use crate::support::blocked::{Blocked, Room};
use crate::support::expected::expected;
use crate::support::line::Line;
use crate::support::rig::{self, AnyRig};
use crate::support::streams::Cancelling;

/// A download that is cancelled with its first byte; `None` where all of it had arrived by then.
fn cancelled_download(rig: &mut AnyRig, bytes: Vec<u8>) -> Option<Error> {
    rig.files.put("/cancelled.bin", bytes);
    let flag = Arc::new(AtomicBool::new(false));
    rig.cancel_with(&flag);
    let mut sink = Cancelling::at_once(&flag);
    let outcome = rig.modem.retrieve("/cancelled.bin", &Retrieve::whole(), &mut sink);
    flag.store(false, Ordering::Relaxed);
    outcome.err()
}

for_each_dialect! {
    fn a_cancelled_download_of_zeros_leaves_a_module_that_works(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let Some(error) = cancelled_download(&mut rig, vec![0; 400_000]) else { return };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        rig.files.put("/next", "x");
        let next = rig.download("/next");
        assert!(next.is_ok() || !error.module_usable(), "{next:?}");
    }

    fn the_rest_of_a_cancelled_download_is_not_taken_for_result_codes(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let lines = concat!(
            "\r\nRDY\r\n\r\n+SAPBR 1: DEACT\r\n\r\n+MIPCALL: 0\r\n\r\n+MIPCALL: 1,0\r\n",
            "\r\n+MFTPURC: 0,\"conn\",0\r\n\r\n+PDP: DEACT\r\n\r\n+FTPGET: 1,61\r\n",
        );
        let Some(error) = cancelled_download(&mut rig, lines.repeat(4000).into_bytes()) else { return };
        rig.files.put("/next", "x");
        let next = rig.download("/next");
        assert!(next.is_ok(), "{error}, then {next:?}");
    }

    fn a_bearer_whose_activation_is_cancelled_does_not_stay_up(vendor: Vendor) {
        let activation = expected(vendor).activation;
        let slow = Options::default().with_command_latency(activation, Duration::from_secs(2));
        let mut rig = AnyRig::open_with(vendor, slow);
        rig.cancel_at(&format!("AT{activation}=1"));
        let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, true), "{error}");
        rig.cancel_no_more();
        assert!(!rig.modem.attach(&AccessPoint::default()).unwrap().was_up, "the bearer came up all the same");
    }

    fn an_upload_over_a_line_that_accepts_no_more_bytes_is_cancelled_soon(vendor: Vendor) {
        let (line, files) = rig::module(vendor, rig::carrying(vendor));
        let (room, flag) = (Room::new(u64::MAX.into()), Arc::new(AtomicBool::new(false)));
        let mut rig = AnyRig::through(Blocked::new(&line, &room, &flag), line, files);
        rig.go_online();
        rig.cancel_with(&flag);
        room.store(2000, Ordering::Relaxed);
        let begun = rig.line.elapsed();
        let error = rig.upload("/blocked.bin", &vec![b'x'; 100_000]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        let time = rig.line.elapsed() - begun;
        assert!(time < Duration::from_secs(4), "{time:?}");
        room.store(u64::MAX, Ordering::Relaxed);
        let next = rig.upload("/next.bin", b"next");
        assert!(next.is_ok() || !error.module_usable(), "{error}, then {next:?}");
    }

    fn an_upload_to_a_module_that_reads_nothing_is_cancelled_soon(vendor: Vendor) {
        // The upload is completed with padding, which this line takes at once, and the test above does not.
        if expected(vendor).pads_uploads {
            return;
        }
        let mut rig = AnyRig::online_with(vendor, rig::carrying(vendor));
        let flag = Arc::new(AtomicBool::new(false));
        rig.cancel_with(&flag);
        rig.line.play("in@2000 hold forever".parse().unwrap());
        // Blocks in command lines are short, and nothing passes behind the one that is held.
        rig.line.stop_after(if expected(vendor).uploads_in_lines { 2060 } else { 2500 }, flag);
        let begun = rig.line.elapsed();
        let error = rig.upload("/held.bin", &vec![b'x'; 100_000]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout), "{error}");
        let time = rig.line.elapsed() - begun;
        assert!(time < Duration::from_secs(7), "{time:?}: {error}");
    }

    fn another_program_waits_for_the_rest_of_a_cancelled_download(vendor: Vendor) {
        const RATE: u32 = 115_200;
        let (line, files) = rig::module(vendor, Options::default().with_line_rate(RATE));
        let mut rig = AnyRig::through(line.host().with_line_rate(RATE), line, files);
        rig.go_online();
        let text = "2026-11-29T19:15:00,Quectel,17.5\r\n".repeat(20_000);
        let _ = cancelled_download(&mut rig, text.into_bytes());
        let mut modem = OpenOptions::new().open_on(rig.line.host()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(modem.capabilities().dialect, rig.modem.capabilities().dialect);
        modem.network().unwrap();
    }

    fn file_data_with_the_lines_of_an_identification_are_not_believed(vendor: Vendor) {
        const RATE: u32 = 115_200;
        let text = "device,Quectel\r\nEC25\r\nOK\r\n".repeat(2000);
        let other = "device,Fibocom\r\nL610\r\nOK\r\n".repeat(2000);
        for wait in [0, 3, 7, 250, 1900] {
            let (line, files) = rig::module(vendor, Options::default().with_line_rate(RATE));
            let mut rig = AnyRig::through(line.host().with_line_rate(RATE), line, files);
            rig.go_online();
            let text = if vendor == Vendor::Quectel { &other } else { &text };
            let _ = cancelled_download(&mut rig, text.clone().into_bytes());
            rig.line.sleep(Duration::from_millis(wait));
            let modem = OpenOptions::new().open_on(rig.line.host()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(modem.identity(), rig.modem.identity(), "{wait} ms");
        }
    }

    fn the_stop_flag_stops_everything_but_logout_and_detach(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/a", "x");
        let flag = Arc::new(AtomicBool::new(true));
        rig.cancel_with(&flag);
        for _ in 0..2 {
            let (error, sent) = rig.line.clone().sent_by(|| rig.download("/a").unwrap_err());
            assert_eq!((error.kind(), error.module_usable()), (ErrorKind::Cancelled, true), "{error}");
            assert_eq!(sent, "", "nothing is sent");
        }
        assert!(flag.load(Ordering::Relaxed), "the flag is the caller's");
        rig.modem.logout().unwrap();
        rig.modem.detach().unwrap();
        assert_eq!(rig.modem.attach(&AccessPoint::default()).unwrap_err().kind(), ErrorKind::Cancelled);
        flag.store(false, Ordering::Relaxed);
        rig.go_online();
        rig.still_works();
    }

    fn a_stop_that_comes_behind_an_operation_stops_the_next(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/a", "x");
        let flag = Arc::new(AtomicBool::new(false));
        rig.cancel_with(&flag);
        rig.files.put("/large.bin", vec![0xa5; 100_000]);
        let mut sink = Cancelling::at_once(&flag);
        let _ = rig.modem.retrieve("/large.bin", &Retrieve::whole(), &mut sink);
        // Stopped once more, between two operations.
        flag.store(false, Ordering::Relaxed);
        flag.store(true, Ordering::Relaxed);
        assert_eq!(rig.download("/a").unwrap_err().kind(), ErrorKind::Cancelled);
    }

    fn a_cancelled_download_ends_within_a_second_and_the_guard_times(vendor: Vendor) {
        // More than a minute on this line, and more than the cache of any module holds.
        const RATE: u32 = 115_200;
        const SIZE: usize = 1_000_000;
        for room in [1, 50_000, SIZE - 20_000, SIZE - 1000, SIZE - 1] {
            // A module that sends as fast as the line, and one that waits for the server, and listens meanwhile.
            for pause in [0, 60] {
                let mut options = Options::default().with_real_times().with_line_rate(RATE);
                options.china_mobile.piece_gap = Duration::from_millis(pause);
                let (line, files) = rig::module(vendor, options);
                let mut rig = AnyRig::through(line.host().with_line_rate(RATE), line, files);
                rig.go_online();
                cancel_a_download(&mut rig, SIZE, room);
            }
        }
    }
}

/// Cancels a download behind `room` bytes, and checks how soon it ends, and that the module works behind it.
fn cancel_a_download(rig: &mut AnyRig, size: usize, room: usize) {
    rig.files.put("/large.bin", vec![0xa5; size]);
    let flag = Arc::new(AtomicBool::new(false));
    rig.cancel_with(&flag);
    let line = rig.line.clone();
    let mut sink = CancellingAt { room, flag, line: line.clone(), at: None };
    let outcome = rig.modem.retrieve("/large.bin", &Retrieve::whole(), &mut sink);
    let time = line.elapsed() - sink.at.unwrap();
    // All of it may have come.
    let Err(error) = outcome else { return };
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(time < Duration::from_millis(3200), "{time:?} {error}");
    assert_eq!(error.module_usable(), !error.to_string().contains("still sending"), "{error}");
    rig.cancel_no_more();
    rig.files.put("/next", "x");
    let next = rig.download("/next");
    assert!(next.is_ok(), "{error}, then {next:?}");
}

/// A writer that takes everything, and cancels the transfer behind so many bytes.
struct CancellingAt {
    room: usize,
    flag: Arc<AtomicBool>,
    line: Line,
    at: Option<Duration>,
}

impl std::io::Write for CancellingAt {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.room = self.room.saturating_sub(bytes.len());
        if self.room == 0 && self.at.is_none() {
            self.at = Some(self.line.elapsed());
            self.flag.store(true, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
