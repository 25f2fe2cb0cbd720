//! Whatever a host sends, no module panics, loops for ever within a moment, or takes memory without limit.

use std::time::Duration;

use super::testing::Bench;
use super::{Extent, Family, Options, Plan};

const COMMON: &[&str] =
    &["+CGACT", "+CGDCONT", "+CMEE", "+CFUN", "+CGPADDR", "+CPIN", "+IPR", "E", "&D", "I", "O", "Z"];

const FORMS: &[&str] = &["", "?", "=?", "=", "=0", "=1", "=2,", "=0,", "=1,", "=\"f\",", "=\"f\"", "=f"];

const PARAMETERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "5",
    "21",
    "1000",
    "4096",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "99999999999999999999",
    "-1",
    "",
    "\"\"",
    "\"f\"",
    "\"/\"",
    "\"..\"",
    "\"COM:\"",
    "\"RAM:f\"",
    "\"UFS:g\"",
    "\"transmode\"",
    "\"local_fs\"",
    "\"h\"",
    "\"\u{e4}\u{1f600}\"",
    "\"open",
    "abc",
    "x\0y",
    ";",
    "*",
    "0x10",
];

const ENDS: &[&str] = &["\r", "\r", "\r", "\r\n", "\n", ";", "", "\u{1a}", "\u{1b}", "\u{3}", "+++", "\u{8}\r", "A/"];

struct Soup(u64);

impl Soup {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.below(choices.len())]
    }

    fn piece(&mut self, family: Family) -> Vec<u8> {
        if self.below(12) == 0 {
            return (0..self.below(40)).map(|_| u8::try_from(self.below(256)).unwrap()).collect();
        }
        let names = if self.below(8) == 0 { COMMON } else { family.sample().commands };
        let mut line = format!("AT{}{}", self.of(names), self.of(FORMS));
        if line.ends_with(',') {
            let count = self.below(6);
            let parameters: Vec<_> = (0..=count).map(|_| self.of(PARAMETERS)).collect();
            line += &parameters.join(",");
        }
        (line + self.of(ENDS)).into_bytes()
    }
}

#[test]
fn no_input_brings_a_module_down() {
    for family in Family::ALL {
        for seed in 0..60 {
            let mut soup = Soup(seed);
            let mut bench = Bench::new(family, Options::default().with_pdp_active(true));
            bench.server.put("/f", "12345");
            bench.server.put("/d/e/g", vec![b'x'; 5000]);
            // Within a session, so that not everything ends with the first error.
            for line in family.sample().login {
                bench.command(line);
            }
            if seed % 2 == 1 {
                bench.play(&Plan::random(seed, &Extent::new(family)).to_string());
            }
            for _ in 0..60 {
                let piece = soup.piece(family);
                bench.send(&piece);
                let time = Duration::from_millis([0, 1, 20, 1100, 70_000][soup.below(5)]);
                bench.after(time);
            }
        }
    }
}
