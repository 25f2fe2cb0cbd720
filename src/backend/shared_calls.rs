//! The calls of the contract that every backend answers in the same words.

/// Methods of [`FtpModem`](crate::FtpModem) for a backend that has an `engine`, an `identity`, its `capabilities` and a `session`,
/// and is [`Recoverable`](super::recovery::Recoverable).
macro_rules! shared_calls {
    () => {
        fn identity(&self) -> &$crate::modem::Identity {
            &self.identity
        }

        fn capabilities(&self) -> &$crate::modem::Capabilities {
            &self.capabilities
        }

        fn cancel_with(&mut self, flag: std::sync::Arc<std::sync::atomic::AtomicBool>) {
            self.engine.cancel_with(flag);
        }

        fn set_time_limits(&mut self, limits: $crate::modem::TimeLimits) {
            self.engine.set_time_limits(limits.command, limits.stall);
        }

        fn set_budget(&mut self, limit: Option<std::time::Duration>) {
            self.engine.set_budget(limit);
        }

        fn watch_recovery(&mut self, observer: $crate::error::RecoveryObserver, dead_after: u32) {
            self.engine.watch_recovery(observer, dead_after);
        }

        fn recover(
            &mut self,
            step: $crate::error::Recovery,
            access_point: &$crate::modem::AccessPoint,
        ) -> $crate::error::Result<()> {
            $crate::backend::recovery::climb(self, step, access_point)
        }

        fn server(&self) -> Option<&$crate::modem::Server> {
            self.session.server()
        }

        fn logout(&mut self) -> $crate::error::Result<()> {
            let outcome = $crate::backend::recovery::Recoverable::suspend(self);
            self.session.ended();
            outcome
        }
    };
}
