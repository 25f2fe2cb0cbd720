//! The time that the server's replies take.

use std::time::Duration;

use crate::emulator::testing::Bench;
use crate::emulator::{Family, Options};

const REPLY: Duration = Duration::from_millis(200);

/// A command line, or data, and the number of replies until all of the answer has come.
type Step = (&'static str, u32);

/// A session, with a download, an upload and a query.
fn session(family: Family) -> &'static [Step] {
    match family {
        // Every operation has its own session: greeting, three replies of the login, the operation, `QUIT`.
        Family::Luat => &[
            ("AT+SAPBR=1,1\r", 0),
            ("AT+FTPCID=1;+FTPSERV=\"h\";+FTPUN=u;+FTPPW=p;+FTPGETPATH=\"/\";+FTPGETNAME=\"f\"\r", 0),
            ("AT+FTPPUTPATH=\"/\";+FTPPUTNAME=\"g\";+FTPTYPE=\"I\"\r", 0),
            ("AT+FTPSIZE\r", 6),
            ("AT+FTPGET=1\r", 8),
            ("AT+FTPGET=2,100\r", 2),
            ("AT+FTPPUT=1\r", 8),
            ("AT+FTPPUT=2,5\r", 0),
            ("12345", 0),
            ("AT+FTPPUT=2,0\r", 2),
        ],
        Family::Fibocom => &[
            ("AT+FTPOPEN=\"h\",\"u\",\"p\",\"\",,21,\r", 4),
            ("AT+FTPSIZE=\"f\"\r", 1),
            ("AT+FTPGET=\"f\"\r", 5),
            ("AT+FTPRECV=100\r", 0),
            ("AT+FTPPUT=\"g\",5,1\r", 4),
            ("12345", 1),
            ("AT+FTPCLOSE\r", 1),
        ],
        Family::Quectel => &[
            ("AT+QFTPCFG=\"account\",\"u\",\"p\"\r", 0),
            ("AT+QFTPOPEN=\"h\",21\r", 4),
            ("AT+QFTPSIZE=\"f\"\r", 1),
            ("AT+QFTPGET=\"f\",\"COM:\"\r", 5),
            ("AT+QFTPPUT=\"g\",\"COM:\",0,5,1\r", 4),
            ("12345", 1),
            ("AT+QFTPCLOSE\r", 1),
        ],
        Family::ChinaMobile => &[
            ("AT+MFTPCONN=0,\"h\"\r", 4),
            ("AT+MFTPRETR=0,\"f\"\r", 5),
            ("AT+MFTPSTOR=0,\"g\",1,5\r", 0),
            ("12345", 5),
            ("AT+MFTPDISC=0\r", 1),
        ],
        Family::Generic => &[
            ("AT+FTPSERV=10.0.0.1\r", 1),
            ("AT+FTPUN=u\r", 0),
            ("AT+FTPPW=p\r", 3),
            ("AT+FTPGETNAME=f\r", 0),
            ("AT+FTPPUTNAME=g\r", 0),
            ("AT+FTPGET\r", 6),
            ("AT+FTPPUT=5,12345\r", 4),
            ("AT+FTPPUT=0\r", 1),
        ],
    }
}

/// The answers of a session, and the number of replies each took.
fn play(family: Family, options: Options) -> Vec<(String, u32)> {
    let mut bench = Bench::new(family, options.with_echo(false).with_pdp_active(true));
    bench.server.put("/f", "0123456789");
    let steps = session(family).iter().map(|(step, _)| {
        let start = bench.now;
        bench.send(step.as_bytes());
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
        let replies: Vec<_> = session(family).iter().map(|(step, replies)| (*step, *replies)).collect();
        let found: Vec<_> =
            session(family).iter().zip(&played).map(|((step, _), (_, found))| (*step, *found)).collect();
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
