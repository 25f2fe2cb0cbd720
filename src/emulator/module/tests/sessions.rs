//! A session of every family, without the driver.

use std::time::Duration;

use crate::emulator::{Family, MemoryServer, Module, Options};

#[test]
fn every_family_downloads_and_uploads_a_file_without_the_driver() {
    for family in Family::ALL {
        let server = MemoryServer::new();
        server.put("/f", "0123456789");
        let options = Options::default().with_echo(false).with_pdp_active(true);
        let mut module = Module::new(family, server.remote(), options);
        let mut answers = String::new();
        for step in family.sample().session {
            module.receive(Duration::ZERO, step.sent.as_bytes());
            let mut out = Vec::new();
            while module.next_event() == Some(Duration::ZERO) {
                module.transmit(Duration::ZERO, &mut out);
            }
            let answer = String::from_utf8_lossy(&out);
            assert!(answer.ends_with(step.end), "{family}: {:?} was answered with {answer:?}", step.sent);
            answers += &answer;
        }
        assert!(answers.contains("0123456789"), "{family}: {answers:?}");
        assert_eq!(server.file("/g").as_deref(), Some(&b"12345"[..]), "{family}");
    }
}
