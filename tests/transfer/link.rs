//! A link keeps port, bearer and session working.

use std::cell::RefCell;
use std::fs;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use ftp_modem::emulator::{MemoryServer, Operation, Options, RemoteError};
use ftp_modem::error::Phase;
use ftp_modem::modem::SimState;
use ftp_modem::transfer::{Clock, Link, LinkFailure, LinkState, Needs, Retry};
use ftp_modem::{Controls, Error, ErrorKind, OpenOptions, Recovery, RecoveryStep, Vendor};

use crate::support::access::server;
use crate::support::clock::Sleepless;
use crate::support::line::Line;
use crate::support::payload::pattern;
use crate::support::rig::{carrying, module};
use crate::{broken, target};

fn missing() -> Error {
    Error::new(ErrorKind::PortNotFound, "no such device")
}

/// A link over `line`.
fn over<'a>(line: &Line) -> Link<'a> {
    let host = line.clone();
    Link::opening(move || OpenOptions::new().open_on(host.host()), server()).on_clock(line.clone())
}

/// A module whose port fails to open as long as the number is not 0; each look takes one off.
struct Hidden {
    line: Line,
    files: MemoryServer,
    looks: Arc<AtomicU32>,
}

impl Hidden {
    fn new(looks: u32) -> Self {
        let (line, files) = module(Vendor::Quectel, Options::default());
        files.put("/a.txt", "123");
        Hidden { line, files, looks: Arc::new(looks.into()) }
    }

    fn link<'a>(&self) -> Link<'a> {
        let (looks, line) = (self.looks.clone(), self.line.clone());
        let open = move || match looks.load(Ordering::Relaxed) {
            0 => OpenOptions::new().open_on(line.host()),
            left => {
                looks.store(left - 1, Ordering::Relaxed);
                Err(missing())
            }
        };
        Link::opening(open, server()).on_clock(self.line.clone())
    }

    fn hide(&self, looks: u32) {
        self.looks.store(looks, Ordering::Relaxed);
        self.line.unplug_after(0, Duration::from_millis(1));
    }
}

/// The states of a link, in order.
#[derive(Clone, Default)]
struct States(Rc<RefCell<Vec<LinkState>>>);

impl States {
    fn of<'a>(&self, link: Link<'a>) -> Link<'a> {
        let states = self.clone();
        link.on_state(move |state| states.0.borrow_mut().push(state.clone()))
    }

    /// The pauses in seconds, and the number of the retry after each.
    fn pauses(&self) -> Vec<(u64, u32)> {
        let pause = |state: &LinkState| match state {
            LinkState::Waiting { pause, retry, .. } => Some((pause.as_secs(), *retry)),
            _ => None,
        };
        self.0.borrow().iter().filter_map(pause).collect()
    }

    fn count(&self, wanted: &LinkState) -> usize {
        self.0.borrow().iter().filter(|state| *state == wanted).count()
    }
}

#[test]
fn what_is_lost_between_two_operations_is_opened_again() {
    for vendor in Vendor::ALL {
        let (line, files) = module(vendor, carrying(vendor));
        let mut link = over(&line);
        let (_folder, path) = target();
        fs::write(&path, "12345").unwrap();
        let happenings: [&dyn Fn(); 3] = [&|| {}, &|| line.restart(), &|| files.fail_next(Operation::Store, broken())];
        for (index, happen) in happenings.into_iter().enumerate() {
            happen();
            let remote = format!("/{index}.txt");
            link.upload(&path, &remote).unwrap_or_else(|error| panic!("{vendor}, {index}: {error}"));
            assert_eq!(files.file(&remote).as_deref(), Some(&b"12345"[..]), "{vendor}, {index}");
        }
        files.put("/down.bin", pattern(5_000));
        link.download("/down.bin", &path).unwrap_or_else(|error| panic!("{vendor}: {error}"));
        assert!(fs::read(&path).unwrap() == pattern(5_000), "{vendor}");
        link.close();
    }
}

#[test]
fn a_module_that_does_not_answer_the_logout_is_not_asked_to_detach() {
    let (line, files) = module(Vendor::Quectel, carrying(Vendor::Quectel));
    files.put("/a.txt", "123");
    let mut link = over(&line);
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    line.play("in@0 hangup".parse().unwrap());
    link.close();
    assert!(line.text().contains("AT+QFTPCLOSE"), "{}", line.text());
    assert_eq!(line.text().matches("+++").count(), 1, "one way back into step, that of the logout");
}

/// A clock on which each pause sets the stop flag.
struct Stopping(Line, Arc<AtomicBool>);

impl Clock for Stopping {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, time: Duration) {
        self.1.store(true, Ordering::Relaxed);
        self.0.sleep(time);
    }
}

#[test]
fn a_module_whose_port_is_gone_when_the_stop_flag_is_set_is_not_asked_to_detach() {
    for during in ["the pause", "the search"] {
        let (line, files) = module(Vendor::Quectel, carrying(Vendor::Quectel));
        files.put("/a.bin", pattern(40_000));
        let (states, flag) = (States::default(), Arc::new(AtomicBool::new(false)));
        let mut link = states.of(over(&line));
        let mut controls = Controls::new().with_cancel(flag.clone());
        if during == "the pause" {
            link = link.on_clock(Stopping(line.clone(), flag));
        } else {
            controls = controls.with_observer(move |step| {
                flag.fetch_or(step == Recovery::ReopenPort, Ordering::Relaxed);
            });
        }
        let mut link = link.controls(controls);
        let (_folder, path) = target();
        link.with(|modem| modem.pwd()).unwrap();
        line.unplug_after(100, Duration::from_secs(600));
        let error = link.download("/a.bin", &path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{during}: {error}");
        line.calm();
        line.clear();
        link.close();
        assert_eq!((line.text().as_str(), states.count(&LinkState::Closed)), ("", 0), "{during}");
    }
}

#[test]
fn a_module_in_an_unknown_state_is_not_closed_but_opened_again() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    let states = States::default();
    let mut link = states.of(over(&line)).retry(Retry::never());
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    line.play("in@0 hangup".parse().unwrap());
    assert!(!link.with(|modem| modem.size("/a.txt")).unwrap_err().module_usable());
    line.clear();
    link.close();
    assert_eq!(line.text(), "");
    link.with(|modem| modem.size("/a.txt")).unwrap_err();
    assert_eq!(states.count(&LinkState::Opening), 2);
}

#[test]
fn a_port_that_is_missing_is_waited_for() {
    let hidden = Hidden::new(5);
    let states = States::default();
    let mut link = states.of(hidden.link());
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    link.close();
    assert_eq!(states.pauses(), [(2, 1), (4, 2), (8, 3), (16, 4), (32, 5)]);
    let end = [LinkState::Opening, LinkState::Attaching, LinkState::LoggingIn, LinkState::Online, LinkState::Closed];
    assert!(states.0.borrow().ends_with(&end), "{:?}", states.0);
}

#[test]
fn a_module_that_is_expected_is_not_waited_for_at_first() {
    let hidden = Hidden::new(5);
    let mut link = hidden.link().expect_module(Duration::from_secs(30));
    assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::PortNotFound);
    assert_eq!((hidden.looks.load(Ordering::Relaxed), hidden.line.now()), (4, Duration::ZERO));

    let (line, _files) = module(Vendor::Quectel, Options::default());
    line.play("in@0 hangup".parse().unwrap());
    let states = States::default();
    let mut link = states.of(over(&line)).expect_module(Duration::from_secs(30));
    assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(states.pauses(), []);
}

#[test]
fn a_module_that_is_expected_is_searched_for_after_it_was_there() {
    let hidden = Hidden::new(0);
    let states = States::default();
    let mut link = states.of(hidden.link()).expect_module(Duration::from_secs(30));
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    hidden.hide(20);
    let before = hidden.line.now();
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    let searched = (hidden.line.now() - before).as_secs();
    assert!((22..30).contains(&searched), "a pause and 20 looks, one each second: {searched} s");
    assert_eq!(states.pauses(), [(2, 1)]);

    hidden.hide(1000);
    assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::PortNotFound);
    assert_eq!(1000 - hidden.looks.load(Ordering::Relaxed), 30, "looks");
}

#[test]
fn what_no_retry_cures_ends_the_operation_at_once() {
    let (line, _files) = module(Vendor::Luat, Options::default());
    let mut link = over(&line);
    let error = link.with(|modem| modem.size("/missing.txt")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[test]
fn retries_are_limited_when_asked_for() {
    let hidden = Hidden::new(9);
    let mut link = hidden.link().retry(Retry::default().with_retries(2));
    let error = link.with(|modem| modem.pwd()).unwrap_err();
    assert_eq!((error.kind(), hidden.looks.load(Ordering::Relaxed)), (ErrorKind::PortNotFound, 9 - 3));
}

#[test]
fn a_retry_without_time_is_not_begun() {
    let hidden = Hidden::new(99);
    for limit in ["retries", "all operations"] {
        let (states, time) = (States::default(), Duration::from_secs(10));
        let link = states.of(hidden.link());
        let mut link = match limit {
            "retries" => link.retry(Retry::default().with_total(time)),
            _ => link.controls(Controls::new().with_budget(time)),
        };
        let error = link.with(|modem| modem.pwd()).unwrap_err();
        assert!(error.to_string().contains("the time limit leaves no time for a retry"), "{error}");
        assert_eq!(states.pauses(), [(2, 1), (4, 2)], "{limit}");
    }
}

#[test]
fn the_time_for_all_operations_ends_them_and_leaves_time_to_close() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    let mut link = over(&line).controls(Controls::new().with_budget(Duration::from_secs(10)));
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    line.sleep(Duration::from_secs(10));
    let error = link.with(|modem| modem.size("/a.txt")).unwrap_err();
    assert_eq!(error.phase(), Some(Phase::Budget), "{error}");
    link.close();
    assert!(line.text().contains("AT+QIDEACT"), "the bearer is closed: {}", line.text());
}

/// The network answers late.
#[test]
fn the_stop_flag_limits_the_time_for_closing() {
    for vendor in Vendor::ALL {
        let mut options = carrying(vendor);
        options.network_latency = Duration::from_secs(15);
        let (line, files) = module(vendor, options);
        files.put("/a.txt", "123");
        let flag = Arc::new(AtomicBool::new(false));
        let mut link = over(&line).controls(Controls::new().with_cancel(flag.clone()));
        assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3, "{vendor}");
        flag.store(true, Ordering::Relaxed);
        let begun = line.now();
        link.close();
        let time = line.now().saturating_sub(begun);
        assert!(time <= Duration::from_secs(6), "{vendor}: {time:?}");
    }
}

#[test]
fn the_stop_flag_ends_a_pause_and_all_that_follows() {
    let flag = Arc::new(AtomicBool::new(false));
    let stop = flag.clone();
    let mut link = Hidden::new(99)
        .link()
        .controls(Controls::new().with_cancel(flag))
        .on_state(move |state| stop.store(matches!(state, LinkState::Waiting { .. }), Ordering::Relaxed));
    for _ in 0..2 {
        assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn the_stop_flag_ends_the_wait_for_a_port_that_does_not_open() {
    let flag = Arc::new(AtomicBool::new(false));
    let stop = flag.clone();
    let (end, blocked) = mpsc::channel::<()>();
    let open = move || {
        stop.store(true, Ordering::Relaxed);
        blocked.recv().unwrap_err();
        Err(missing())
    };
    let mut link = Link::opening(open, server()).controls(Controls::new().with_cancel(flag));
    assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::Cancelled);
    drop(end);
}

#[test]
fn a_panic_while_the_module_is_opened_is_an_error_and_the_link_can_be_used_again() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    let (host, mut openings) = (line.clone(), 0);
    let open = move || {
        openings += 1;
        assert!(openings > 1, "the first opening panics, as this test wants");
        OpenOptions::new().open_on(host.host())
    };
    let mut link = Link::opening(open, server()).on_clock(line);
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap_err().kind(), ErrorKind::WrongState);
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
}

#[test]
fn an_operation_brings_up_no_more_than_it_needs() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    let mut link = over(&line);
    let dialect = link.run::<_, Error>(Needs::Module, |modem, _| Ok(modem.capabilities().dialect));
    assert_eq!(dialect.unwrap(), "quectel");
    assert!(!line.text().contains("AT+QIACT="), "{}", line.text());
    link.run::<_, Error>(Needs::Bearer, |_, _| Ok(())).unwrap();
    assert!(line.text().contains("AT+QIACT=") && !line.text().contains("AT+QFTPOPEN"), "{}", line.text());
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    assert_eq!(line.text().matches("AT+QIACT=").count(), 1, "{}", line.text());
    link.close();

    let host = line.clone();
    let mut link = Link::opening(move || OpenOptions::new().open_on(host.host()), None).on_clock(line.clone());
    link.run::<_, Error>(Needs::Bearer, |_, _| Ok(())).unwrap();
    assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::WrongState);
}

#[test]
fn the_module_is_prepared_each_time_it_was_opened() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    let mut link = over(&line).prepare(|modem| modem.command("AT+QCFG=\"x\"").map(drop).or(Ok(())));
    for sessions in 1..=2 {
        for _ in 0..2 {
            assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
        }
        assert_eq!(line.commands("AT+QCFG").len(), sessions);
        link.close();
    }
}

#[test]
fn a_sim_card_that_waits_for_its_pin_after_a_restart_gets_it_again() {
    for vendor in Vendor::ALL {
        let (line, files) = module(vendor, carrying(vendor).with_sim_pin("1234"));
        // Not every module reports the attempts that are left, without which `unlock` sends no PIN.
        let mut link = over(&line).prepare(|modem| match modem.network()?.sim {
            SimState::PinRequired => modem.command("AT+CPIN=1234").map(drop),
            _ => Ok(()),
        });
        let (_folder, path) = target();
        fs::write(&path, "12345").unwrap();
        for index in 0..3 {
            let remote = format!("/{index}.txt");
            link.upload(&path, &remote).unwrap_or_else(|error| panic!("{vendor}, {index}: {error}"));
            assert_eq!(files.file(&remote).as_deref(), Some(&b"12345"[..]), "{vendor}");
            line.restart();
            link.with(|modem| modem.list("/")).unwrap_or_else(|error| panic!("{vendor}, {index}: {error}"));
            line.restart();
        }
        assert!(line.commands("AT+CPIN=").len() > 1, "{vendor}: {}", line.text());
    }
}

#[test]
fn the_bearer_outlasts_a_logout_and_the_session_is_opened_again() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    let mut link = over(&line);
    for _ in 0..2 {
        assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
        link.log_out();
    }
    assert_eq!(line.commands("AT+QFTPCLOSE").len(), 2);
    assert_eq!((line.commands("AT+QIACT=").len(), line.commands("AT+QIDEACT").len()), (1, 0));
    link.close();
    assert_eq!(line.commands("AT+QIDEACT").len(), 1);
}

#[test]
fn a_bearer_that_the_link_has_brought_up_is_its_own_after_the_port_was_opened_again() {
    let hidden = Hidden::new(0);
    let mut link = hidden.link();
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    hidden.hide(1);
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    hidden.line.clear();
    link.close();
    assert_eq!(hidden.line.commands("AT+QIDEACT").len(), 1, "{}", hidden.line.text());
}

#[test]
fn the_mildest_step_is_taken_before_the_first_retry() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/a.txt", "123");
    for (step, sessions) in [(None, 1), (Some(RecoveryStep::ReopenSession), 1), (Some(RecoveryStep::ReopenPort), 2)] {
        line.clear();
        let states = States::default();
        let link = states.of(over(&line));
        let mut link = if let Some(step) = step { link.mildest_step(step) } else { link };
        files.fail_next(Operation::Size, RemoteError::reply(450, "file busy"));
        assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3, "{step:?}");
        assert_eq!(states.count(&LinkState::LoggingIn), sessions, "{step:?}");
        let logins = if step.is_some() { 2 } else { 1 };
        assert_eq!(line.commands("AT+QFTPOPEN").len(), logins, "{step:?}");
        link.close();
    }
}

#[test]
fn the_last_retry_of_a_transfer_begins_with_the_port() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    let states = States::default();
    let mut link = states.of(over(&line)).retry(Retry::default().with_retries(2));
    let (_folder, path) = target();
    fs::write(&path, "12345").unwrap();
    for _ in 0..2 {
        files.fail_next(Operation::Store, broken());
    }
    let report = link.upload(&path, "/a.txt").unwrap();
    assert_eq!(report.attempts, 3);
    assert_eq!((states.count(&LinkState::Opening), states.pauses()), (2, vec![(4, 2)]), "{:?}", states.0);

    for _ in 0..9 {
        files.fail_next(Operation::Store, broken());
    }
    assert!(link.upload(&path, "/b.txt").unwrap_err().is_retryable());
    assert_eq!(states.pauses().len(), 2, "the last retry is not repeated: {:?}", states.0);
}

#[test]
fn the_pauses_of_link_and_transfer_grow_as_those_of_one_operation() {
    let hidden = Hidden::new(2);
    let files = hidden.files.clone();
    for _ in 0..2 {
        files.fail_next(Operation::Store, broken());
    }
    let states = States::default();
    let mut link = states.of(hidden.link()).retry(Retry::default().with_retries(5));
    let (_folder, path) = target();
    fs::write(&path, "12345").unwrap();
    let begun = hidden.line.elapsed();
    assert_eq!(link.upload(&path, "/up.txt").unwrap().attempts, 5);
    assert_eq!(states.pauses(), [(2, 1), (4, 2)]);
    let paused = (hidden.line.elapsed() - begun).as_secs();
    assert!((2 + 4 + 8 + 16..60).contains(&paused), "the transfer pauses for 8 s and 16 s: {paused} s in all");
}

#[test]
fn a_download_that_breaks_off_is_continued_although_the_server_states_no_times() {
    let (line, files) = module(Vendor::Quectel, Options::default());
    files.put("/big.bin", pattern(60_000));
    files.break_download_after(40_000);
    for _ in 0..9 {
        files.fail_next(Operation::Modified, RemoteError::reply(502, "not implemented"));
    }
    let (_folder, path) = target();
    let report = over(&line).download("/big.bin", &path).unwrap();
    assert!(fs::read(&path).unwrap() == pattern(60_000));
    assert!(report.attempts == 2 && report.moved < 65_000, "{report:?}");
}

/// Yesterday's file, which ends as today's does, is no part of it.
#[test]
fn a_file_that_was_there_before_is_replaced_although_an_attempt_failed_before_anything_was_sent() {
    let today = [b"today".repeat(1_000), pattern(35_000)].concat();
    let mut yesterday = today.clone();
    yesterday[0] ^= 1;
    for there in [yesterday.len(), 30_000] {
        let hidden = Hidden::new(1);
        hidden.files.put("/status.json", &yesterday[..there]);
        let (_folder, path) = target();
        fs::write(&path, &today).unwrap();
        let report = hidden.link().upload(&path, "/status.json").unwrap();
        assert_eq!((report.attempts, report.moved), (2, today.len() as u64), "{there}: {report:?}");
        assert!(hidden.files.file("/status.json").unwrap() == today, "{there}");
    }
}

/// A program's own error.
#[derive(Debug)]
enum Failure {
    Modem(Error),
    Final(Error),
    Own,
    Opening,
    OutOfTime,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Modem(error)
    }
}

impl LinkFailure for Failure {
    fn error(&self) -> Option<&Error> {
        match self {
            Failure::Modem(error) | Failure::Final(error) => Some(error),
            _ => None,
        }
    }

    fn of_opening(_: Error) -> Self {
        Failure::Opening
    }

    fn is_final(&self) -> bool {
        matches!(self, Failure::Final(_))
    }

    fn out_of_time(self) -> Self {
        Failure::OutOfTime
    }
}

#[test]
fn an_error_of_the_program_decides_whether_a_retry_follows() {
    let (line, _files) = module(Vendor::Quectel, Options::default());
    let clock = Sleepless::default();
    let busy = || Error::new(ErrorKind::ServerBusy, "");
    let run = |retry: Retry, failure: &dyn Fn() -> Failure| {
        let mut attempts = 0;
        let mut link = over(&line).on_clock(clock.clone()).retry(retry);
        let outcome = link.run(Needs::Module, |_, attempt| -> Result<(), Failure> {
            assert_eq!(attempt.before(), attempts);
            attempts += 1;
            Err(failure())
        });
        (outcome.unwrap_err(), attempts)
    };
    let retry = Retry::default();
    assert!(matches!(run(retry, &|| busy().into()), (Failure::Modem(_), 4)));
    assert!(matches!(run(retry, &|| Failure::Final(busy())), (Failure::Final(_), 1)));
    assert!(matches!(run(retry, &|| Failure::Own), (Failure::Own, 1)));
    let limited = retry.with_total(Duration::from_secs(1));
    assert!(matches!(run(limited, &|| busy().into()), (Failure::OutOfTime, 1)));

    let mut link = Hidden::new(1).link().expect_module(Duration::ZERO);
    let outcome = link.run(Needs::Module, |_, _| -> Result<(), Failure> { Ok(()) });
    assert!(matches!(outcome, Err(Failure::Opening)));
}

/// Distance between the positions, in bytes: a prime, so that they fall on all kinds of lines.
const STEP: usize = 211;

/// A download and an upload through one link succeed whatever `happen` does at a position of the traffic.
fn survives(happen: impl Fn(&Line, usize)) {
    for vendor in Vendor::ALL {
        for position in (1..6_000).step_by(STEP) {
            let (line, files) = module(vendor, carrying(vendor));
            files.put("/down.bin", pattern(3_000));
            let (_folder, path) = target();
            let mut link = over(&line);
            happen(&line, position);
            link.download("/down.bin", &path).unwrap_or_else(|error| panic!("{vendor}, {position}: {error}"));
            assert!(fs::read(&path).unwrap() == pattern(3_000), "{vendor}, {position}");
            fs::write(&path, "0123456789".repeat(200)).unwrap();
            link.upload(&path, "/up.bin").unwrap_or_else(|error| panic!("{vendor}, {position}: {error}"));
            assert!(files.file("/up.bin").unwrap() == fs::read(&path).unwrap(), "{vendor}, {position}");
            line.calm();
            line.clear();
            link.close();
        }
    }
}

#[test]
fn a_port_that_disappears_at_any_position_is_opened_again() {
    survives(|line, position| line.unplug_after(position, Duration::from_secs(20)));
}

#[test]
fn a_module_that_restarts_at_any_position_is_prepared_again() {
    survives(|line, position| line.play(format!("out@{position} restart").parse().unwrap()));
}
