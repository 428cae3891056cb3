extension RedisError {
    /// Whether the same call may succeed some time later without a change of what it says.
    package var isPassing: Bool {
        switch code {
        case .connectionClosed, .connectFailed, .timedOut, .overloaded:
            true
        case .server(let error):
            [
                "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "MOVED", "ASK", "READONLY", "UNBLOCKED", "OOM", "MISCONF",
                "NOREPLICAS",
            ].contains(error.code) || error.saysSlotIsMoving
        default:
            false
        }
    }

    /// Whether the server can't be used for now, which work under way waits out: what passes by itself, and credentials, certificates or an
    /// append-only file that were changed and that an operator puts right again.
    package var isOutage: Bool {
        switch code {
        case .authenticationFailed, .tlsFailed, .unconfirmable: true
        default: isPassing
        }
    }
}
