//! A PDP context.

/// A PDP context as `AT+CGDCONT` defines it.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) cid: u64,
    pub(super) kind: String,
    pub(super) apn: String,
    pub(super) active: bool,
}

impl Context {
    /// The context that exists after power-on.
    pub(super) fn first(active: bool) -> Self {
        Self { cid: 1, kind: "IP".to_owned(), apn: String::new(), active }
    }
}
