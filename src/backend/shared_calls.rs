//! The calls of the contract that every backend answers in the same words.

/// Methods of [`FtpModem`](crate::FtpModem) for a backend that has an `engine`, an `identity`, its `capabilities`, its `controls` and a `session`,
/// and is [`Recoverable`](super::recovery::Recoverable).
macro_rules! shared_calls {
    () => {
        fn identity(&self) -> &$crate::modem::Identity {
            &self.identity
        }

        fn capabilities(&self) -> &$crate::modem::Capabilities {
            &self.capabilities
        }

        fn as_any(&mut self) -> Option<&mut dyn std::any::Any> {
            Some(self)
        }

        fn controls(&self) -> &$crate::modem::Controls {
            &self.controls
        }

        fn set_controls(&mut self, controls: $crate::modem::Controls) {
            self.engine.cancel_with(controls.cancel.clone());
            self.engine.set_time_limits(controls.limits.command, controls.limits.stall);
            self.engine.set_budget(controls.budget);
            self.engine.watch_recovery(controls.observer.clone(), controls.dead_after);
            self.controls = controls;
        }

        fn budget_left(&self) -> Option<std::time::Duration> {
            self.engine.budget_left()
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
