//! Modules by their names. Each family has the rows of its models.

use super::kind::Family;
use crate::emulator::options::Options;

/// A model of module: its family, and how it behaves where the models of the family differ.
///
/// ```
/// use ftp_modem::emulator::{Family, Profile};
///
/// let profile = Profile::named("ec25").unwrap();
/// assert_eq!(profile.family(), Family::Quectel);
/// let options = profile.options().with_echo(false);
/// # drop(options);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    name: &'static str,
    description: &'static str,
    family: Family,
    apply: fn(&mut Options),
}

impl Profile {
    pub(crate) const fn new(
        name: &'static str,
        description: &'static str,
        family: Family,
        apply: fn(&mut Options),
    ) -> Self {
        Self { name, description, family, apply }
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns one line about the module, with the document or log that its behaviour is taken from.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// Returns the family whose dialect the module speaks.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// Returns the module's behaviour, without times: see [`Options::with_real_times`].
    #[must_use]
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        (self.apply)(&mut options);
        options
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Profile;
    use crate::emulator::Family;
    use crate::emulator::testing::Bench;

    #[test]
    fn every_profile_is_found_by_its_name_and_every_family_has_one() {
        let names: BTreeSet<_> = Profile::all().map(Profile::name).collect();
        assert_eq!(names.len(), Profile::all().count());
        for profile in Profile::all() {
            let found = Profile::named(&profile.name().to_uppercase()).unwrap();
            assert_eq!((found.name(), found.family()), (profile.name(), profile.family()));
            assert!(!profile.description().is_empty());
        }
        for family in Family::ALL {
            assert!(Profile::all().any(|profile| profile.family() == family), "{family}");
        }
        assert!(Profile::named("nokia").is_none());
    }

    #[test]
    fn a_module_names_itself_as_its_profile_has_it() {
        for (name, said) in [("ec20", "EC20F"), ("sim7080", "SIM7080"), ("air780ep", "780EP"), ("ml305", "ML305A")] {
            let profile = Profile::named(name).unwrap();
            let mut bench = Bench::new(profile.family(), profile.options());
            assert!(bench.command("ATI").contains(said), "{name}");
        }
    }

    fn bench(name: &str) -> Bench {
        let profile = Profile::named(name).unwrap();
        Bench::new(profile.family(), profile.options().with_echo(false))
    }

    #[test]
    fn a_module_with_cftps_commands_has_no_client_of_its_family() {
        let mut bench = bench("a7670");
        assert_eq!(bench.command("AT+FTPGET=?"), "\r\nERROR\r\n");
        assert_eq!(bench.command("AT+SAPBR=?"), "\r\nERROR\r\n");
        assert_eq!(bench.command("AT+CFTPSSTART=?"), "\r\nOK\r\n");
        assert!(bench.command("ATI").contains("A7670C"));
    }

    #[test]
    fn a_2g_module_answers_with_one_number() {
        let mut bench = bench("m26");
        bench.server.add_user("u", "p");
        bench.server.put("/f", "12345");
        for (line, answer) in [
            ("AT+QFTPCFG=\"contextid\",1", "\r\nERROR\r\n"),
            ("AT+QFTPSTAT", "\r\nERROR\r\n"),
            ("AT+QFTPCFG=4,\"/RAM/\"", "\r\nOK\r\n\r\n+QFTPCFG:0\r\n"),
            ("AT+QFTPCLOSE", "\r\nOK\r\n\r\n+QFTPCLOSE:-1\r\n"),
            ("AT+QFTPOPEN=\"h\",21", "\r\nOK\r\n\r\n+QFTPOPEN:-1\r\n"),
            ("AT+QFTPUSER=\"u\"", "\r\nOK\r\n"),
            ("AT+QFTPPASS=\"p\"", "\r\nOK\r\n"),
            ("AT+QFTPOPEN=\"h\",21", "\r\nOK\r\n\r\n+QFTPOPEN:0\r\n"),
            ("AT+QFTPPATH=\"/\"", "\r\nOK\r\n\r\n+QFTPPATH:0\r\n"),
            ("AT+QFTPSIZE=\"f\"", "\r\nOK\r\n\r\n+QFTPSIZE:5\r\n"),
            ("AT+QFTPCLOSE", "\r\nOK\r\n\r\n+QFTPCLOSE:0\r\n"),
        ] {
            assert_eq!(bench.command(line), answer, "{line}");
        }
    }

    #[test]
    fn a_bg95_lists_no_names() {
        let profile = Profile::named("bg95").unwrap();
        let mut bench = Bench::new(profile.family(), profile.options().with_echo(false));
        assert_eq!(bench.command("AT+QFTPNLST=?"), "\r\nERROR\r\n");
        assert!(bench.command("AT+QFTPLIST=?").ends_with("\r\nOK\r\n"));
    }
}
