//! Files arrive complete: every size around a block, every byte value, payload that looks like the protocol, on lines
//! of every kind.

use std::time::Duration;

use ftp_modem::emulator::{Damage, Direction, Fault, Noise, Options, Spacing};
use ftp_modem::modem::{Assurance, Retrieve, Store};
use ftp_modem::{ErrorKind, FtpModem, Vendor};

use crate::for_each_dialect;
use crate::support::expected::expected;
use crate::support::payload::pattern;
use crate::support::rig::{AnyRig, carrying};

/// Sizes around the blocks of the dialect.
fn sizes(rig: &AnyRig) -> Vec<usize> {
    let limits = &rig.modem.capabilities().limits;
    let mut sizes = vec![0, 1, 2, 3, 100_000];
    for block in [limits.download_block, limits.upload_block, 1024, 65536] {
        if let Ok(block) = usize::try_from(block)
            && block < 1 << 20
        {
            sizes.extend([block - 1, block, block + 1, 2 * block]);
        }
    }
    sizes
}

/// Payload that could be taken for something else.
fn deceptive() -> Vec<Vec<u8>> {
    let mut payloads: Vec<Vec<u8>> = [
        &b"\r\nOK\r\n"[..],
        b"\r\nERROR\r\n",
        b"OK\r\n",
        b"\r\n",
        b"\r",
        b"\n",
        b"\r\n+FTPGET: 1,0\r\n",
        b"\r\n+FTPGET: 1\r\n",
        b"\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n",
        b"x\r\nOK\r\n\r\n+QFTPGET: 0,1\r\nx",
        b"\r\n+MFTPRETR: 0,0,5,5,12345\r\n",
        b"\r\n+MFTPURC: 0,\"conn\",0\r\n",
        b"\r\n+CME ERROR: 3\r\n",
        b"\r\nNO CARRIER\r\n",
        b"\r\nCONNECT\r\n",
        b"\r\nRDY\r\n",
        b"\r\n+QIURC: \"pdpdeact\",1\r\n",
        b"\r\n+SAPBR 1: DEACT\r\n",
        b"\r\n+MIPCALL: 0\r\n",
        b"+++",
        b">",
        b",",
        b",\r\n",
        b"\0\x03\x10\x1a\x1b\x7f\xff",
        b"\x03\x03\x03\x10\x10\x10",
        b"AT+FTPQUIT\r",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    payloads.push((0..=255).collect());
    payloads.push((0..=255).rev().collect());
    payloads.push(b"+".repeat(3000));
    payloads
}

/// The smallest file the dialect can upload: some have no form for an empty one.
fn can_upload(vendor: Vendor, bytes: &[u8]) -> bool {
    !(expected(vendor).uploads_in_lines && bytes.is_empty())
}

#[track_caller]
fn both_ways(rig: &mut AnyRig, vendor: Vendor, bytes: &[u8]) {
    if can_upload(vendor, bytes) {
        let transfer =
            rig.upload("/up.bin", bytes).unwrap_or_else(|error| panic!("upload of {}: {error}", bytes.len()));
        assert_eq!(transfer.bytes, bytes.len() as u64);
        assert!(rig.files.file("/up.bin").unwrap() == bytes, "upload of {} bytes arrived changed", bytes.len());
    }
    rig.files.put("/down.bin", bytes);
    let arrived = rig.download("/down.bin");
    let arrived = arrived.unwrap_or_else(|error| panic!("download of {}: {error}", bytes.len()));
    assert!(arrived == bytes, "download of {} bytes arrived changed", bytes.len());
}

for_each_dialect! {
    fn every_size_around_a_block(vendor: Vendor) {
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        for size in sizes(&rig) {
            both_ways(&mut rig, vendor, &pattern(size));
        }
    }

    fn payload_that_looks_like_the_protocol(vendor: Vendor) {
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        for payload in deceptive() {
            both_ways(&mut rig, vendor, &payload);
            both_ways(&mut rig, vendor, &payload.repeat(7));
        }
    }

    fn on_lines_of_every_kind(vendor: Vendor) {
        let all_bytes: Vec<u8> = (0..=255).collect();
        let deceptive = b"a\r\nOK\r\n+FTPGET: 1,0\r\n+++".repeat(200);
        let lines: Vec<Options> = vec![
            carrying(vendor).with_fragment(1),
            carrying(vendor).with_fragment(2).with_fragment_gap(Duration::from_millis(3)),
            carrying(vendor).with_fragment(7),
            carrying(vendor).with_fragment(64),
            carrying(vendor).with_echo(false),
            carrying(vendor).with_spacing(Spacing::None),
            carrying(vendor).with_spacing(Spacing::AfterCommas),
            carrying(vendor).with_blank_before_urc(true),
            carrying(vendor).with_noise(Noise::new(1)),
            carrying(vendor).with_noise(Noise::new(2)).with_fragment(1),
            carrying(vendor).with_latency(Duration::from_millis(250)),
            carrying(vendor).with_network_latency(Duration::from_secs(20)),
        ];
        for (index, options) in lines.into_iter().enumerate() {
            let mut rig = AnyRig::online_with(vendor, options);
            for payload in [&b""[..], b"x", &all_bytes, &deceptive] {
                println!("line {index}, {} bytes", payload.len());
                both_ways(&mut rig, vendor, payload);
            }
            rig.files.put("/dir/OK", "x");
            assert_eq!(rig.modem.list("/dir").unwrap().len(), 1, "line {index}");
        }
    }

    fn resuming_at_every_offset_of_interest(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        let bytes = pattern(150_000);
        rig.files.put("/big.bin", bytes.clone());
        for offset in [0, 1, 1459, 1460, 1461, 65_535, 65_536, 70_000, 149_999, 150_000] {
            let rest = rig.download_part("/big.bin", &Retrieve::from(offset as u64)).unwrap();
            assert!(rest == bytes[offset..], "from {offset}");
            let part = rig.download_part("/big.bin", &Retrieve::from(offset as u64).with_length(100)).unwrap();
            assert!(part == bytes[offset..bytes.len().min(offset + 100)], "100 from {offset}");
        }
    }

    fn a_source_of_unknown_length(vendor: Vendor) {
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        for size in [1, 5000, 65_536, 200_000] {
            let bytes = pattern(size);
            let how = Store::create().with_force_binary();
            let transfer = rig.modem.store("/unknown.bin", &how, &mut &bytes[..]).unwrap();
            assert_eq!(transfer.bytes, size as u64);
            assert!(rig.files.file("/unknown.bin").unwrap() == bytes, "{size}");
        }
    }

    /// Behind a payload that ends in a line end the driver waits for an early acknowledgement, which no piece of a file
    /// may cost.
    fn records_that_end_where_pieces_end_cost_no_time(vendor: Vendor) {
        let mut rig = AnyRig::online_with(vendor, carrying(vendor));
        let mut time_of = |record: &[u8; 16]| {
            let before = rig.line.elapsed();
            let records = record.repeat(10_000);
            rig.upload_stream("/up.txt", &records).unwrap();
            assert!(rig.files.file("/up.txt").unwrap() == records);
            rig.line.elapsed() - before
        };
        let without_line_ends = time_of(b"2026-11-29,21.50");
        assert!(time_of(b"29-11-26,21.50\r\n") <= without_line_ends + Duration::from_millis(100));
    }

    fn a_finished_download_is_as_sure_as_the_dialect_can_be(vendor: Vendor) {
        let mut rig = AnyRig::online(vendor);
        rig.files.put("/sure.bin", pattern(5000));
        let transfer = rig.modem.retrieve("/sure.bin", &Retrieve::whole(), &mut Vec::new()).unwrap();
        assert_eq!(transfer.assurance, Assurance::ServerSize);
        assert_eq!(transfer.assurance, rig.modem.capabilities().download_assurance);
    }
}

/// The commands that announce payload of a number of bytes, which follows without a prompt.
const ANNOUNCEMENTS: [(Vendor, &str); 3] =
    [(Vendor::Fibocom, "AT+FTPPUT="), (Vendor::Quectel, "AT+QFTPPUT="), (Vendor::Luat, "AT+FTPPUT=2,")];

/// A line end within the command that announces the payload: the module takes the rest of the command for payload, and
/// has enough of it early.
#[test]
fn the_rest_of_a_command_that_became_payload_is_noticed() {
    let text = b"12:00,21.5\r\n12:01,21.5\r\n";
    for (vendor, announcement) in ANNOUNCEMENTS {
        for added in ["\r\n", "\r\nRING\r\n"] {
            let mut rig = AnyRig::online(vendor);
            rig.line.clear();
            rig.upload("/up.txt", text).unwrap();
            let sent = rig.line.text();
            let start = sent.find(announcement).unwrap();
            let end = start + sent[start..].find('\r').unwrap();
            let damage = Damage::Insert(added.into());
            rig.line.play(Fault::Byte { direction: Direction::Input, at: end as u64, damage }.into());
            let error = rig.upload("/up.txt", text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{vendor}: {error}");
            assert!(error.transferred() >= Some(text.len() as u64), "{vendor}: {error}");
            rig.upload("/up.txt", text).unwrap();
            assert_eq!(rig.files.file("/up.txt").unwrap(), text, "{vendor}");
        }
    }
}

/// Bytes that were added to the payload push others out, to which the module answers `ERROR`.
#[test]
fn an_error_that_answers_nothing_fails_an_upload() {
    for (vendor, _) in ANNOUNCEMENTS {
        let options = Options::default().with_network_latency(Duration::from_millis(300));
        let mut rig = AnyRig::online_with(vendor, options);
        rig.line.after("pushed out", |module, now| module.inject(now, "ERROR"));
        let error = rig.upload("/up.txt", b"pushed out").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{vendor}: {error}");
        rig.still_works();
    }
}

/// A line end that is added to a counted listing pushes the last one out of it, where another follows. After a download
/// the driver knows how data of the module end, and lists once more.
#[test]
fn a_line_end_added_to_a_counted_listing_is_noticed_after_a_download() {
    for vendor in [Vendor::Luat, Vendor::Quectel] {
        let mut rig = AnyRig::online(vendor);
        rig.downloads(b"no line end");
        rig.files.put("/listed/a.txt", "a");
        rig.files.put("/listed/b.txt", "b");
        for by_names in [false, true] {
            let list = |rig: &mut AnyRig| match by_names {
                false => rig.modem.list("/listed").unwrap().into_iter().map(|entry| entry.name).collect(),
                true => rig.modem.names("/listed").unwrap(),
            };
            rig.line.clear();
            assert_eq!(list(&mut rig), [b"a.txt", b"b.txt"]);
            let place = rig.line.heard().windows(5).position(|text| text == b"a.txt").unwrap();
            rig.line.play(Damage::Insert(b"\r\n".into()).of_output(place as u64).into());
            assert_eq!(list(&mut rig), [b"a.txt", b"b.txt"], "{vendor}, by names: {by_names}");
        }
    }
}
