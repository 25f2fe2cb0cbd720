//! The time that the server's replies take.

use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{Family, Options};

const REPLY: Duration = Duration::from_millis(200);

/// The answers of a session, and the number of replies each took.
fn play(family: Family, options: Options) -> Vec<(String, u32)> {
    let mut bench = Bench::new(family, options.with_echo(false).with_pdp_active(true));
    bench.server.put("/f", "0123456789");
    let steps = family.sample().session.iter().map(|step| {
        let start = bench.now;
        bench.send(step.sent.as_bytes());
        let mut answer = bench.output();
        let mut last = start;
        while let Some(next) = bench.module.next_event().filter(|next| *next <= start + 20 * REPLY) {
            bench.now = next.max(bench.now);
            let more = bench.output();
            last = if more.is_empty() { last } else { bench.now };
            answer.extend(more);
        }
        let replies = (last - start).as_millis() / REPLY.as_millis();
        bench.now = start + 30 * REPLY;
        (String::from_utf8(answer).unwrap(), u32::try_from(replies).unwrap())
    });
    steps.collect()
}

#[test]
fn every_reply_of_the_server_takes_its_time() {
    for family in Family::ALL {
        let played = play(family, Options::default().with_reply_time(REPLY));
        let session = family.sample().session;
        let replies: Vec<_> = session.iter().map(|step| (step.sent, step.replies)).collect();
        let found: Vec<_> = session.iter().zip(&played).map(|(step, (_, found))| (step.sent, *found)).collect();
        assert_eq!(found, replies, "{family}: {played:#?}");
    }
}

#[test]
fn the_time_of_replies_changes_no_answer() {
    for family in Family::ALL {
        let answers = |options| play(family, options).into_iter().map(|(answer, _)| answer).collect::<Vec<_>>();
        assert_eq!(answers(Options::default().with_reply_time(REPLY)), answers(Options::default()), "{family}");
    }
}
