//! How an emulated module behaves where real modules differ.

use std::time::Duration;

use super::byte_time::ByteTime;
use super::choices::{BadPrefix, BusyInput, Identity, Noise, ResultOrder, Spacing, setters};
use super::command::covers;
use super::family::{options as family, with_families};

/// Declares the options of a module: the common ones with their defaults, and those of each dialect.
macro_rules! options {
    (
        {
            $(#[$attribute:meta])*
            pub struct Options { $($(#[$documentation:meta])* pub $field:ident: $type:ty = $default:expr,)* }
        }
        $($family:ident: $dialect:ident, $options:ident, $setter:ident $row:tt)*
    ) => {
        $(#[$attribute])*
        pub struct Options {
            $($(#[$documentation])* pub $field: $type,)*
            $(
                #[doc = concat!(
                    "Choices of [`Family::", stringify!($family), "`](super::Family::", stringify!($family), ")."
                )]
                pub $dialect: family::$options,
            )*
        }

        impl Default for Options {
            fn default() -> Self {
                Self { $($field: $default,)* $($dialect: family::$options::default(),)* }
            }
        }

        setters! { Options: $($setter(family::$options) => $dialect,)* }
    };
}

with_families! {
    options! {
        /// How an emulated module behaves where real modules differ.
        ///
        /// The default is a module as its vendor documents it, on an infinitely fast line and network; see
        /// [`Options::realistic`] for one that takes its time.
        ///
        /// ```
        /// use ftp_modem::emulator::{Family, MemoryServer, Module, Options, QuectelOptions};
        /// use std::time::Duration;
        ///
        /// let client = QuectelOptions::default().with_ram(false).with_counted_escape(false);
        /// let options = Options::realistic().with_latency(Duration::ZERO).with_pdp_active(true).with_quectel(client);
        /// let module = Module::new(Family::Quectel, MemoryServer::new().remote(), options);
        /// # drop(module);
        /// ```
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct Options {
            /// Whether commands are echoed after power-on.
            pub echo: bool = true,
            /// `AT+CMEE` after power-on; `None` is the vendor's own default.
            pub cmee: Option<u8> = None,
            /// Whether the boot lines are also printed by [`Module::new`](super::Module::new), not only on a restart.
            pub boot_lines: bool = false,
            /// At most this many bytes leave the module per [`Module::transmit`](super::Module::transmit).
            pub fragment: Option<usize> = None,
            /// Pause between two fragments.
            pub fragment_gap: Duration = Duration::ZERO,
            /// Time from the end of a command line to its first answer.
            pub latency: Duration = Duration::ZERO,
            /// Time for single commands (`"+FTPGET"`), instead of `latency`.
            pub command_latency: Vec<(String, Duration)> = Vec::new(),
            /// Time the network takes for one operation.
            pub network_latency: Duration = Duration::ZERO,
            /// Time the server takes for each of its replies, in addition to `network_latency`: an operation takes as
            /// many as FTP needs for it, and a data connection takes two more. A download has the replies to `PASV`,
            /// `RETR` and the closing one, and its data connection: five. A login has the greeting and the replies to
            /// `USER`, `PASS` and `TYPE`: four. A server over TCP takes its own time, and nothing is added. Default:
            /// zero.
            pub reply_time: Duration = Duration::ZERO,
            /// The least time between a final result code and an unsolicited result code behind it. Default: zero.
            pub result_gap: Duration = Duration::ZERO,
            /// Bits per second, ten per byte; `None` is an infinitely fast line.
            pub line_rate: Option<u32> = None,
            /// Unsolicited lines in between.
            pub noise: Option<Noise> = None,
            /// Blanks in answers.
            pub spacing: Spacing = Spacing::default(),
            /// An empty line before every unsolicited result code.
            pub blank_before_urc: bool = false,
            /// `OK` before or after the result.
            pub result_order: ResultOrder = ResultOrder::default(),
            /// Input during a command.
            pub busy_input: BusyInput = BusyInput::default(),
            /// Lines without `AT`.
            pub bad_prefix: BadPrefix = BadPrefix::default(),
            /// The longest command line accepted, without its line end.
            pub line_limit: usize = 6144,
            /// Commands that the firmware lacks, with their prefix (`"+QFTPNLST"`); a final `*` matches anything, so
            /// that `"+QFTP*"` is a firmware without an FTP client.
            pub missing_commands: Vec<String> = Vec::new(),
            /// Commands with their prefix (`"+CFTPSSTART"`) that print these lines and `OK` in every form, whatever the
            /// dialect makes of them.
            pub extra_commands: Vec<(String, Vec<String>)> = Vec::new(),
            /// What the module says of itself; `None` is the vendor's own.
            pub identity: Option<Identity> = None,
            /// Whether a SIM card is present.
            pub sim_ready: bool = true,
            /// The PIN that the card asks for after power-on; `None` is a card that asks for none.
            pub sim_pin: Option<String> = None,
            /// Whether the module is registered in the network.
            pub registered: bool = true,
            /// The `<stat>` of `AT+CREG?`, `AT+CGREG?` and `AT+CEREG?` (3GPP TS 27.007 §10.1.20); `None` is 1 or 0, as
            /// `registered` has it.
            pub registration_state: Option<u8> = None,
            /// Whether the module is attached to the packet service after power-on (`AT+CGATT?`).
            pub attached: bool = true,
            /// Whether PDP context 1 is active after power-on.
            pub pdp_active: bool = false,
            /// The address the network assigns.
            pub ip_address: String = "10.225.11.107".to_owned(),
        }
    }
}

setters! { Options:
    with_echo(bool) => echo,
    with_cmee(u8) => cmee,
    with_boot_lines(bool) => boot_lines,
    with_fragment(usize) => fragment,
    with_fragment_gap(Duration) => fragment_gap,
    with_latency(Duration) => latency,
    with_network_latency(Duration) => network_latency,
    with_reply_time(Duration) => reply_time,
    with_result_gap(Duration) => result_gap,
    with_line_rate(u32) => line_rate,
    with_noise(Noise) => noise,
    with_spacing(Spacing) => spacing,
    with_blank_before_urc(bool) => blank_before_urc,
    with_result_order(ResultOrder) => result_order,
    with_busy_input(BusyInput) => busy_input,
    with_bad_prefix(BadPrefix) => bad_prefix,
    with_line_limit(usize) => line_limit,
    with_identity(Identity) => identity,
    with_sim_ready(bool) => sim_ready,
    with_registered(bool) => registered,
    with_attached(bool) => attached,
    with_pdp_active(bool) => pdp_active,
    with_ip_address(&str) => ip_address,
}

impl Options {
    /// Returns options under which no time passes: the default.
    #[must_use]
    pub fn instant() -> Self {
        Self::default()
    }

    /// Returns options under which a module takes the time that real ones take: the default
    /// [with real times](Self::with_real_times).
    #[must_use]
    pub fn realistic() -> Self {
        Self::default().with_real_times()
    }

    /// Lets the module take the time that real ones take. Programs that work on hardware rely on it: they read an
    /// answer until nothing more comes, and look for the result afterwards.
    ///
    /// A command takes 3 ms (time-stamped log of an Air780EP: 2 to 6 ms), the network 300 ms, each reply of the server
    /// 200 ms. An unsolicited result code keeps 20 ms distance from the `OK` before it. On Luat and SIMCom modules the
    /// end of a download is reported 3 s after the last byte; reads in between get `2,0`.
    #[must_use]
    pub fn with_real_times(mut self) -> Self {
        self.latency = Duration::from_millis(3);
        self.network_latency = Duration::from_millis(300);
        self.reply_time = Duration::from_millis(200);
        self.result_gap = Duration::from_millis(20);
        self.luat.end_delay = Duration::from_secs(3);
        self
    }

    /// Adds a latency for one command, named with its prefix (`"+FTPGET"`).
    #[must_use]
    pub fn with_command_latency(mut self, command: &str, latency: Duration) -> Self {
        self.command_latency.push((command.to_ascii_uppercase(), latency));
        self
    }

    /// Locks the SIM card with a PIN.
    #[must_use]
    pub fn with_sim_pin(mut self, pin: &str) -> Self {
        self.sim_pin = Some(pin.to_owned());
        self
    }

    /// Sets [`Options::registration_state`], and with it [`Options::registered`]: 1 is home, 5 is roaming.
    #[must_use]
    pub const fn with_registration_state(mut self, state: u8) -> Self {
        self.registered = matches!(state, 1 | 5);
        self.registration_state = Some(state);
        self
    }

    /// Adds a command that the firmware lacks; see [`Options::missing_commands`].
    #[must_use]
    pub fn without_command(mut self, command: &str) -> Self {
        self.missing_commands.push(command.to_ascii_uppercase());
        self
    }

    /// Adds a command that prints `lines` and `OK`; see [`Options::extra_commands`].
    #[must_use]
    pub fn with_extra_command(mut self, command: &str, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        self.extra_commands.push((command.to_ascii_uppercase(), lines));
        self
    }

    /// What an extra command prints; the last one of this name counts.
    pub(crate) fn extra(&self, command: &str) -> Option<&[String]> {
        self.extra_commands.iter().rev().find(|(name, _)| name == command).map(|(_, lines)| lines.as_slice())
    }

    pub(crate) fn lacks(&self, command: &str) -> bool {
        covers(&self.missing_commands, command)
    }

    pub(crate) fn latency_of(&self, command: &str) -> Duration {
        self.command_latency
            .iter()
            .rev()
            .find(|(name, _)| name == command)
            .map_or(self.latency, |(_, latency)| *latency)
    }

    /// Returns the time that one byte takes on the line; `None` if the line takes no time.
    pub(crate) fn byte_time(&self) -> Option<ByteTime> {
        self.line_rate.map(ByteTime::at_rate)
    }
}
