//! The models of the family. What a row sets is what a document or a log of that model shows.

use crate::emulator::choices::Identity;
use crate::emulator::family::kind::Family;
use crate::emulator::family::profile::Profile;

pub(crate) const PROFILES: &[Profile] = &[
    Profile::new(
        "ec25",
        "Quectel EC25 (EC2x&EG9x&EG2x-G&EM05 FTP(S) application note V1.0)",
        Family::Quectel,
        |options| options.identity = Some(Identity::new("Quectel", "EC25", "EC25AFXGAR07A04M1G")),
    ),
    Profile::new("ec20", "Quectel EC20 (recorded session of June 2020)", Family::Quectel, |options| {
        // The revision is invented.
        options.identity = Some(Identity::new("Quectel", "EC20F", "EC20CEHDLGR06A07M1G"))
    }),
    Profile::new(
        "ec200u",
        "Quectel EC200U: drivers close a session before they open one and wait for OK",
        Family::Quectel,
        |options| {
            // The revision is invented.
            options.identity = Some(Identity::new("Quectel", "EC200U", "EC200UCNAAR03A06M08"));
            options.quectel.contexts = 7;
            options.quectel.close_when_closed = true;
            options.quectel.quoted_directory = true;
            options.quectel.ram = false;
        },
    ),
    Profile::new(
        "eg800k",
        "Quectel EG800K (test reports of August 2026): quoted directories, small flash disk, no RAM disk",
        Family::Quectel,
        |options| {
            options.identity = Some(Identity::new("Quectel", "EG800K", "EG800KCNGCR07A06M04"));
            options.quectel.quoted_directory = true;
            options.quectel.extra_keys = vec![("cache".to_owned(), 1), ("restenable".to_owned(), 1)];
            options.quectel.ram = false;
            options.quectel.ufs_size = 286_720;
        },
    ),
    Profile::new(
        "bg95",
        "Quectel BG95: data_address 0 and 1 only, no NLST (Quectel's demo library)",
        Family::Quectel,
        |options| {
            // The revision is invented.
            options.identity = Some(Identity::new("Quectel", "BG95-M3", "BG95M3LAR02A04"));
            options.quectel.highest_data_address = 1;
            options.missing_commands = vec!["+QFTPNLST".to_owned()];
        },
    ),
    Profile::new(
        "m26",
        "Quectel M26, a 2G module: QFTP commands of another dialect, with results such as +QFTPCFG:0",
        Family::Quectel,
        |options| {
            // The revision is invented.
            options.identity = Some(Identity::new("Quectel_Ltd", "Quectel_M26", "M26FAR03A06"));
            options.quectel.gsm_client = true;
        },
    ),
];
