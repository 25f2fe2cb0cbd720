//! Lines that the module prints of its own accord.

use ftp_modem::FtpModem;
use ftp_modem::backend::quectel::Storage;
use ftp_modem::emulator::{Noise, Options};
use ftp_modem::modem::Retrieve;

use super::Rig;
use crate::support::payload::pattern;

/// `+CREG:`, `+CMTI:`, `RING`, `^…` and `+QIURC:` of another context, between a command, its `OK` and its result.
#[test]
fn unsolicited_lines_may_come_anywhere() {
    for seed in 0..20 {
        let mut noise = Noise::new(seed);
        noise.one_in = 1;
        noise.before_result = true;
        noise.lines.extend(["+CREG: 1,\"1A2B\",\"0C3D\",7".to_owned(), "+QIURC: \"pdpdeact\",5".to_owned()]);
        let mut rig = Rig::online(Options::default().with_noise(noise));
        rig.works_both_ways();
        rig.files.put("/dir/a", "12345");
        assert_eq!(rig.modem.list("/dir").unwrap().len(), 1);
        assert_eq!(rig.modem.list_facts("/dir").unwrap()[0].size, Some(5));
        let text = pattern(5000);
        rig.modem.store_to_module("UFS:a", 5000, Default::default(), &mut &text[..]).unwrap();
        let mut back = Vec::new();
        rig.modem.retrieve_from_module("UFS:a", &Retrieve::whole(), &mut back).unwrap();
        assert!(back == text);
        back.clear();
        rig.modem.retrieve_from_module("UFS:a", &Retrieve::from(4000), &mut back).unwrap();
        assert!(back == text[4000..]);
        assert_eq!(rig.modem.list_module(Storage::Ufs).unwrap().len(), 1);
        rig.modem.logout().unwrap();
    }
}
