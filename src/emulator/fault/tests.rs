//! Each fault on a download, an upload or a listing of two dialects or more.

mod bytes;
mod chance;
mod lines;
mod memory;
mod server;
mod text;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{Family, GetSource, Options};

const OK: &str = "\r\nOK\r\n";
/// What [`generic`] and [`quectel`] give when nothing goes wrong.
const GENERIC_GET: &str = "\r\n+FTPGET:5,12345\r\nOK\r\n";
const QUECTEL_GET: &str = "\r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n";
const LONG: Duration = Duration::from_secs(30);

/// A module of a known family.
struct Scene {
    family: Family,
    bench: Bench,
}

impl Deref for Scene {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut Bench {
        &mut self.bench
    }
}

/// Brings a module as far as `lines`; each must succeed.
fn ready(family: Family, lines: &[&str]) -> Scene {
    ready_with(Options::default(), family, lines)
}

fn ready_with(options: Options, family: Family, lines: &[&str]) -> Scene {
    let options = options.with_echo(false).with_pdp_active(true);
    let mut bench = Bench::new(family, options);
    bench.server.put("/f", "12345");
    for line in lines {
        let answer = bench.command(line);
        assert!(answer.contains(OK), "{line}: {answer:?}");
    }
    Scene { family, bench }
}

/// It passes data on as they come, so that a fault shows where it strikes.
fn generic() -> Scene {
    let mut options = Options::default().with_echo(false);
    options.generic.get_source = GetSource::Stream;
    ready_with(
        options,
        Family::Generic,
        &["AT+FTPSERV=10.0.0.1", "AT+FTPUN=u", "AT+FTPPW=p", "AT+FTPGETNAME=f", "AT+FTPPUTNAME=g"],
    )
}

const QUECTEL: [&str; 2] = ["AT+QFTPCFG=\"transmode\",1", "AT+QFTPOPEN=\"h\",21"];

fn quectel() -> Scene {
    ready(Family::Quectel, &QUECTEL)
}

/// The same, under other options.
fn quectel_with(options: Options) -> Scene {
    let mut scene = ready_with(options.with_echo(false), Family::Quectel, &[]);
    for line in QUECTEL {
        scene.command(line);
        scene.after(Duration::from_secs(1));
    }
    scene
}

fn china_mobile() -> Scene {
    ready(Family::ChinaMobile, &["AT+MFTPCONN=0,\"h\""])
}

fn luat() -> Scene {
    ready(
        Family::Luat,
        &["AT+SAPBR=1,1", "AT+FTPSERV=\"h\"", "AT+FTPUN=u", "AT+FTPPW=p", "AT+FTPGETPATH=\"/\"", "AT+FTPGETNAME=\"f\""],
    )
}

fn fibocom() -> Scene {
    ready(Family::Fibocom, &["AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,"])
}

/// One module of every dialect.
const EVERY: [fn() -> Scene; 5] = [luat, fibocom, quectel, china_mobile, generic];

/// The commands that download `f`.
fn line(family: Family) -> &'static str {
    match family {
        Family::Luat => "AT+FTPGET=1\rAT+FTPGET=2,1000\r",
        Family::Fibocom => "AT+FTPGET=\"f\"\rAT+FTPRECV=1000\r",
        Family::Generic => "AT+FTPGET\r",
        Family::Quectel => "AT+QFTPGET=\"f\",\"COM:\"\r",
        Family::ChinaMobile => "AT+MFTPRETR=0,\"f\"\r",
    }
}

fn download(bench: &mut Scene) -> String {
    let mut answer = Vec::new();
    for line in line(bench.family).split_inclusive('\r') {
        answer.extend(bench.exchange(line.as_bytes()));
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// What comes at once of a download of `12345`, and what within half a minute more.
fn get(mut bench: Scene, plan: &str) -> (String, String) {
    bench.play(plan);
    let at_once = download(&mut bench);
    let later = later(&mut bench);
    (at_once, later)
}

/// What comes within half a minute.
fn later(bench: &mut Scene) -> String {
    String::from_utf8_lossy(&bench.after(LONG)).into_owned()
}

/// The same, all together.
fn got(bench: Scene, plan: &str) -> String {
    let (mut text, later) = get(bench, plan);
    text.push_str(&later);
    text
}
