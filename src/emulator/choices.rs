//! What can be chosen of an emulated module, whatever its dialect.

/// Blanks in information lines and unsolicited result codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spacing {
    /// As the vendor's documents print each line.
    #[default]
    Native,
    /// One blank after the colon: `+X: 1,1`.
    AfterColon,
    /// No blank: `+X:1,1`.
    None,
    /// A blank after the colon and after every comma: `+X: 1, 1`.
    AfterCommas,
}

impl Spacing {
    /// Spaces a line. A line that does not begin with a name and a colon stays as it is.
    pub(crate) fn apply(self, text: &str) -> String {
        let Some((name, values)) = text.split_once(':').filter(|(name, _)| is_name(name)) else {
            return text.to_owned();
        };
        let values_bare = values.trim_start_matches(' ');
        match self {
            Self::Native => text.to_owned(),
            Self::AfterColon => format!("{name}: {values_bare}"),
            Self::None => format!("{name}:{values_bare}"),
            Self::AfterCommas => {
                let mut quoted = false;
                let mut spaced = format!("{name}: ");
                let mut characters = values_bare.chars().peekable();
                while let Some(character) = characters.next() {
                    quoted ^= character == '"';
                    spaced.push(character);
                    // What follows the last comma of a head is data.
                    if character == ',' && !quoted && characters.peek().is_some() {
                        spaced.push(' ');
                    }
                }
                spaced
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether `OK` comes before or after the result line where the documents show both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultOrder {
    /// As the vendor's documents show it for each command.
    #[default]
    Native,
    /// `OK` first.
    OkFirst,
    /// The result line first.
    OkLast,
}

/// What is between the data of a download and the final result code.
///
/// Final result codes begin with CR LF, and lines of an answer end with CR LF (V.250 §5.7.1). No document of a dialect
/// says whether data that are not a line have a line end of their own. The examples in the documents cannot show it,
/// because all of their data are text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataEnd {
    /// The line end that belongs to the `OK`: `345`, CR LF, `OK`. Logs and drivers of Luat, SIMCom, Quectel and Fibocom
    /// modules show this one.
    #[default]
    Shared,
    /// A line end of the data's own, too: `345`, CR LF, CR LF, `OK`.
    OwnLineEnd,
}

/// What happens to bytes that arrive while a command is still being executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusyInput {
    /// The bytes wait in the receive buffer and are interpreted afterwards.
    #[default]
    Hold,
    /// The bytes are lost.
    Drop,
}

/// The answer to a line that does not begin with `AT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadPrefix {
    /// `ERROR`
    #[default]
    Error,
    /// No answer.
    Silence,
}

/// What the module says of itself to `ATI` and `AT+CGMx`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `AT+CGMI`
    pub manufacturer: String,
    /// `AT+CGMM`
    pub model: String,
    /// `AT+CGMR`
    pub revision: String,
    /// `AT+CGSN`
    pub serial: String,
}

impl Identity {
    /// Returns what a module of this make says, with a serial number that is the same for all.
    #[must_use]
    pub fn new(manufacturer: &str, model: &str, revision: &str) -> Self {
        Self {
            manufacturer: manufacturer.to_owned(),
            model: model.to_owned(),
            revision: revision.to_owned(),
            serial: "867698040023456".to_owned(),
        }
    }
}

/// Unsolicited lines between the module's own lines, the same for the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise {
    /// Start of the pseudo-random sequence.
    pub seed: u64,
    /// One gap in this many is filled; 1 fills every gap, 0 none.
    pub one_in: u32,
    /// Whether a line may also come between the end of counted data and its `OK`.
    pub before_result: bool,
    /// The lines to choose from.
    pub lines: Vec<String>,
}

impl Noise {
    /// Returns noise of lines that real modules are known to emit, in every second gap.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let lines = [
            "+CREG: 1",
            "+CGREG: 1",
            "RING",
            "+CMTI: \"SM\",3",
            "^MODE: 17,17",
            "+CGEV: ME PDN ACT 1",
            "*PSUTTZ: 2024,8,9,1,34,58,\"+32\",0",
        ];
        Self { seed, one_in: 2, before_result: false, lines: lines.map(str::to_owned).into() }
    }
}

/// Declares a setter for each field, so that options can be built in one expression, outside this crate too.
macro_rules! setters {
    ($options:ident: $($name:ident($type:ty) => $field:ident),* $(,)?) => {
        impl $options {
            $(
                // Says `field@`, because a private method may have the name of the field.
                #[doc = concat!(
                    "Sets [`", stringify!($field), "`](field@", stringify!($options), "::", stringify!($field), ")."
                )]
                #[must_use]
                pub fn $name(mut self, value: $type) -> Self {
                    self.$field = value.into();
                    self
                }
            )*
        }
    };
}

pub(super) use setters;
