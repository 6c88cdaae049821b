//! Family R: resumption and renegotiation.

pub(in crate::diagnose) mod extended_master_secret_missing;
pub(in crate::diagnose) mod renegotiation_refused;
pub(in crate::diagnose) mod resumption_rejected;

use crate::handshake::Handshake;

/// The hello that was answered may have been one inside a connection: nothing shows that it began one.
pub(in crate::diagnose) fn may_renegotiate(handshake: &Handshake) -> bool {
    handshake.renegotiation || !handshake.messages_logged || handshake.begins_midway
}

/// The client may have offered a session of TLS 1.3: its hello has one, or is not in the log.
pub(in crate::diagnose) fn may_offer_psk(handshake: &Handshake) -> bool {
    handshake
        .client_hello
        .as_deref()
        .is_none_or(|hello| hello.value.extensions.pre_shared_key)
}
