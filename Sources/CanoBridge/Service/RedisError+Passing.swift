import CanoRedis

extension RedisError {
    /// Whether the same call may succeed some time later without anybody changing a setting.
    var mayPass: Bool {
        switch code {
        case .connectionClosed, .connectFailed, .timedOut, .overloaded: true
        case .server(let error): ["LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY"].contains(error.code)
        default: false
        }
    }
}
