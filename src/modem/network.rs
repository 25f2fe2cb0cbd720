//! SIM card and mobile network, as the module reports them.

/// State of the SIM card (3GPP TS 27.007 §8.3, `+CPIN`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SimState {
    /// The card is ready for use.
    Ready,
    /// The module finds no card.
    NotInserted,
    /// The card waits for its PIN.
    PinRequired,
    /// The card is blocked after wrong PINs and waits for its PUK.
    PukRequired,
    /// The module or the card is locked by another password, for example to one operator (`PH-NET PIN`).
    Locked,
    /// The module finds a card that it cannot read.
    Failed,
    /// The module does not report a state.
    #[default]
    Unknown,
}

impl SimState {
    /// Returns whether the card cannot be used until a person acts. `false` for [`SimState::Unknown`].
    ///
    /// # Examples
    /// ```
    /// use ftp_modem::modem::SimState;
    ///
    /// assert!(SimState::PinRequired.is_unusable());
    /// assert!(!SimState::Ready.is_unusable() && !SimState::Unknown.is_unusable());
    /// ```
    pub fn is_unusable(self) -> bool {
        !matches!(self, SimState::Ready | SimState::Unknown)
    }
}

/// State of the registration in the mobile network (3GPP TS 27.007 §7.2, `+CREG`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registration {
    /// Registered in the home network.
    Home,
    /// Registered in another network.
    Roaming,
    /// Not registered; the module searches for a network.
    Searching,
    /// Not registered; the module does not search for a network.
    NotSearching,
    /// Refused by the network.
    Denied,
    /// The module does not know the state, or does not report it.
    Unknown,
}

impl Registration {
    /// Returns whether the module is registered, at home or roaming.
    pub fn is_registered(self) -> bool {
        matches!(self, Registration::Home | Registration::Roaming)
    }
}

/// SIM card, signal and registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// State of the SIM card.
    pub sim: SimState,
    /// Received signal strength in dBm, from -113 (or less) to -51 (or more). `None` if it is not known.
    pub signal: Option<i16>,
    /// State of the registration.
    pub registration: Registration,
}

impl Network {
    /// Creates a value with a SIM card that is [unknown](SimState::Unknown), for other implementations of
    /// [`FtpModem`](super::FtpModem), such as a test double.
    pub fn new(signal: Option<i16>, registration: Registration) -> Self {
        Network { sim: SimState::Unknown, signal, registration }
    }

    /// Sets the state of the SIM card.
    pub fn with_sim(mut self, sim: SimState) -> Self {
        self.sim = sim;
        self
    }
}
