//! SIM card, registration, and the cause of an activation that fails.

use ftp_modem::emulator::Options;
use ftp_modem::modem::{AccessPoint, Registration, SimState};
use ftp_modem::{ErrorKind, Vendor};

use crate::for_each_dialect;
use crate::support::expected::expected;
use crate::support::rig::AnyRig;

/// Wrong PINs that block the card.
const WRONG_PINS: [&str; 3] = ["AT+CPIN=0000", "AT+CPIN=1111", "AT+CPIN=2222"];

/// A module in the state that `options` and the commands of another program bring it to.
fn module(vendor: Vendor, options: Options, commands: &[&str]) -> AnyRig {
    let rig = AnyRig::open_with(vendor, options);
    rig.line.by_another_program(commands);
    rig
}

for_each_dialect! {
    fn a_sim_card_that_is_not_usable_is_named(vendor: Vendor) {
        let locked = || Options::default().with_sim_pin("1234");
        let cases = [
            (Options::default().with_sim_ready(false), &[][..], SimState::NotInserted, "no SIM card found"),
            (locked(), &[], SimState::PinRequired, "waits for its PIN"),
            (locked(), &WRONG_PINS, SimState::PukRequired, "waits for its PUK"),
        ];
        for (options, commands, state, cause) in cases {
            let mut rig = module(vendor, options, commands);
            let network = rig.modem.network().unwrap();
            assert_eq!((network.sim, network.registration.is_registered()), (state, false));
            let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SimUnavailable, "{error}");
            assert!(!error.is_retryable() && error.module_usable(), "{error}");
            let message = error.to_string();
            assert!(message.starts_with("attach failed: SIM card not usable: "), "{message}");
            assert!(message.contains(cause) && message.contains("(at AT+"), "{message}");
            assert!(!message.contains("antenna") && !message.contains("switching the module off"), "{message}");
        }
    }

    fn an_unlocked_sim_card_attaches(vendor: Vendor) {
        let mut rig = module(vendor, Options::default().with_sim_pin("1234"), &["AT+CPIN=1234"]);
        assert_eq!(rig.modem.network().unwrap().sim, SimState::Ready);
        rig.go_online();
        rig.still_works();
    }

    fn a_module_without_network_is_named(vendor: Vendor) {
        let cases = [
            (Options::default().with_registration_state(0), Registration::NotSearching, "found no network"),
            (Options::default().with_registration_state(2), Registration::Searching, "searching for a network"),
            (Options::default().with_registration_state(3), Registration::Denied, "denies the registration"),
            (Options::default().with_attached(false), Registration::Home, "not attached to the packet service"),
        ];
        for (options, registration, cause) in cases {
            if expected(vendor).attaches_itself && !options.attached {
                continue;
            }
            let mut rig = module(vendor, options, &[]);
            let network = rig.modem.network().unwrap();
            assert_eq!((network.sim, network.registration), (SimState::Ready, registration));
            let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
            assert!(error.is_retryable() && error.module_usable(), "{error}");
            let message = error.to_string();
            assert!(message.contains(cause), "{message}");
            assert!(!message.contains("check SIM") && !message.contains("switching the module off"), "{message}");
        }
    }

    fn the_cause_is_queried_only_when_the_activation_fails(vendor: Vendor) {
        let mut rig = module(vendor, Options::default(), &[]);
        rig.line.clear();
        rig.modem.attach(&AccessPoint::default()).unwrap();
        for query in ["AT+CPIN", "AT+CEREG", "AT+CGATT"] {
            assert!(rig.line.commands(query).is_empty(), "{}", rig.line.text());
        }
        // A module without these commands leaves the error as it is.
        let options = Options::default().with_sim_ready(false);
        let options = ["+CPIN", "+CEREG", "+CGREG", "+CREG", "+CGATT"]
            .iter()
            .fold(options, |options, command| options.without_command(command));
        let mut rig = module(vendor, options, &[]);
        let network = rig.modem.network().unwrap();
        assert_eq!((network.sim, network.registration), (SimState::Unknown, Registration::Unknown));
        let error = rig.modem.attach(&AccessPoint::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BearerFailed, "{error}");
        assert!(error.to_string().contains("check SIM"), "{error}");
    }
}
