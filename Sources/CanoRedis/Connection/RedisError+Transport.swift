import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension RedisError {
    /// What a channel or an attempt to open one failed with, as ours.
    init(transport error: any Error) {
        switch error {
        case let error as RedisError: self = error
        case is NIOSSLExtraError, is NIOSSLError, is BoringSSLError: self.init(tls: error)
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.compactMap { ($0.error as? IOError)?.reason }
            guard let reason = reasons.first else {
                self.init(.connectFailed, "no connection to \(error.host):\(error.port)", underlying: error)
                return
            }
            self.init(.connectFailed, "no connection to \(error.host):\(error.port): \(reason)")
        default: self.init(.connectionClosed, "the connection failed", underlying: error)
        }
    }

    /// What keeps an attempt from succeeding, in the system's words where it has any.
    static func connectFailed(_ address: RedisAddress, _ error: any Error) -> RedisError {
        guard let reason = (error as? IOError)?.reason else {
            return RedisError(.connectFailed, "no connection to \(address)", underlying: error)
        }
        return RedisError(.connectFailed, "no connection to \(address): \(reason)")
    }

    private init(tls error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown:
            self.init(.connectionClosed, "the server closed the connection without saying goodbye", underlying: error)
        default:
            self.init(
                .tlsFailed, "no TLS session: check the authority, the host name and the client certificate", underlying: error)
        }
    }

    /// The same failure for a command that had, or had not, been written.
    func forCommand(wasWritten: Bool) -> RedisError {
        RedisError(code, message, underlying: underlying, mayHaveBeenExecuted: wasWritten)
    }

    /// Whether trying again soon is pointless for the callers that wait: a setting has to change first.
    var needsAttention: Bool {
        switch code {
        case .tlsFailed, .authenticationFailed, .unconfirmable, .invalidConfiguration: true
        default: false
        }
    }
}

extension IOError {
    /// The system's words for it, such as `Connection refused`.
    fileprivate var reason: String { String(cString: strerror(errnoCode)) }
}
