//! A link keeps port, bearer and session working.

use std::cell::RefCell;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftp_modem::emulator::{Operation, Options};
use ftp_modem::transfer::{Link, LinkState, Retry};
use ftp_modem::{Error, ErrorKind, OpenOptions, Vendor};

use crate::support::access::server;
use crate::support::payload::pattern;
use crate::support::rig::{carrying, module};
use crate::{broken, target};

fn missing() -> Error {
    Error::new(ErrorKind::PortNotFound, "no such device")
}

#[test]
fn what_is_lost_between_two_operations_is_opened_again() {
    for vendor in Vendor::ALL {
        let (line, files) = module(vendor, carrying(vendor));
        let mut link = Link::opening(|| OpenOptions::new().open_on(line.host()), server()).on_clock(line.clone());
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
    let mut link = Link::opening(|| OpenOptions::new().open_on(line.host()), server()).on_clock(line.clone());
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    line.play("in@0 hangup".parse().unwrap());
    link.close();
    assert!(line.text().contains("AT+QFTPCLOSE"), "{}", line.text());
    assert_eq!(line.text().matches("+++").count(), 1, "one way back into step, that of the logout");
}

#[test]
fn a_port_that_is_missing_is_waited_for() {
    let (line, files) = module(Vendor::Luat, Options::default());
    files.put("/a.txt", "123");
    let looks = RefCell::new(0);
    let states = RefCell::new(Vec::new());
    let open = || {
        *looks.borrow_mut() += 1;
        if *looks.borrow() <= 5 { Err(missing()) } else { OpenOptions::new().open_on(line.host()) }
    };
    let mut link =
        Link::opening(open, server()).on_clock(line.clone()).on_state(|state| states.borrow_mut().push(state.clone()));
    assert_eq!(link.with(|modem| modem.size("/a.txt")).unwrap(), 3);
    link.close();
    drop(link);
    let states = states.into_inner();
    let pauses: Vec<u64> = states
        .iter()
        .filter_map(|state| if let LinkState::Waiting { pause, .. } = state { Some(pause.as_secs()) } else { None })
        .collect();
    assert_eq!(pauses, [2, 4, 8, 16, 32]);
    let end = [LinkState::Opening, LinkState::Attaching, LinkState::LoggingIn, LinkState::Online, LinkState::Closed];
    assert!(states.ends_with(&end), "{states:?}");
}

#[test]
fn what_no_retry_cures_ends_the_operation_at_once() {
    let (line, _files) = module(Vendor::Luat, Options::default());
    let mut link = Link::opening(|| OpenOptions::new().open_on(line.host()), server()).on_clock(line.clone());
    let error = link.with(|modem| modem.size("/missing.txt")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[test]
fn retries_are_limited_when_asked_for() {
    let looks = RefCell::new(0);
    let (line, _files) = module(Vendor::Luat, Options::default());
    let open = || {
        *looks.borrow_mut() += 1;
        Err(missing())
    };
    let mut link = Link::opening(open, server()).on_clock(line).retry(Retry::default().with_retries(2));
    let error = link.with(|modem| modem.pwd()).unwrap_err();
    assert_eq!((error.kind(), *looks.borrow()), (ErrorKind::PortNotFound, 3));
}

#[test]
fn the_stop_flag_ends_a_pause_and_all_that_follows() {
    let flag = Arc::new(AtomicBool::new(false));
    let (line, _files) = module(Vendor::Luat, Options::default());
    let stop = flag.clone();
    let mut link = Link::opening(|| Err(missing()), server())
        .on_clock(line)
        .stop_with(flag)
        .on_state(move |state| stop.store(matches!(state, LinkState::Waiting { .. }), Ordering::Relaxed));
    for _ in 0..2 {
        assert_eq!(link.with(|modem| modem.pwd()).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}
