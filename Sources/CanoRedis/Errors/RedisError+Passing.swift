extension RedisError {
    /// Whether the same call may succeed some time later without a change of what it says.
    package var isPassing: Bool {
        switch code {
        case .connectionClosed, .connectFailed, .timedOut, .overloaded:
            true
        case .server(let error):
            ["LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "OOM", "MISCONF", "NOREPLICAS"].contains(error.code)
        default:
            false
        }
    }
}
