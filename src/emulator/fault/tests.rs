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

/// Within a session, where `f` can be downloaded.
fn scene(family: Family) -> Scene {
    ready(family, family.sample().login)
}

/// It passes data on as they come, so that a fault shows where it strikes.
fn generic() -> Scene {
    let mut options = Options::default();
    options.generic.get_source = GetSource::Stream;
    ready_with(options, Family::Generic, Family::Generic.sample().login)
}

fn quectel() -> Scene {
    scene(Family::Quectel)
}

/// The same, under other options.
fn quectel_with(options: Options) -> Scene {
    let mut scene = ready_with(options, Family::Quectel, &[]);
    for line in Family::Quectel.sample().login {
        scene.command(line);
        scene.after(Duration::from_secs(1));
    }
    scene
}

fn china_mobile() -> Scene {
    scene(Family::ChinaMobile)
}

fn download(bench: &mut Scene) -> String {
    let mut answer = String::new();
    for line in bench.family.sample().download {
        answer += &String::from_utf8_lossy(&bench.exchange(format!("{line}\r").as_bytes()));
    }
    answer
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
