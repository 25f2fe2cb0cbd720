//! Luat and SIMCom.
