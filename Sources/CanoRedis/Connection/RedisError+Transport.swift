import NIOCore
import NIOPosix
import NIOSSL

extension RedisError {
    /// What a channel or an attempt to open one failed with, as ours.
    init(transport error: any Error) {
        switch error {
        case let error as RedisError: self = error
        case is NIOSSLExtraError, is NIOSSLError, is BoringSSLError: self.init(tls: error)
        case let error as NIOConnectionError:
            self.init(.connectFailed, "no connection to \(error.host):\(error.port)", underlying: error)
        default: self.init(.connectionClosed, "the connection failed", underlying: error)
        }
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
