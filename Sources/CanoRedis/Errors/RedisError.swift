/// Why a Redis call failed, and whether the server may have done it all the same.
///
/// ``mayHaveBeenExecuted`` is the question a caller has after a failure: when it is false nothing reached the server and the same
/// call can be made again; when it is true only a call that is harmless to repeat should be.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More may come, so a switch needs `@unknown default`.
    @nonexhaustive public enum Code: Sendable, Hashable {
        /// The connection was lost before the reply came.
        case connectionClosed
        /// No connection could be made.
        case connectFailed
        /// The TLS session could not be agreed on: certificate, host name or protocol.
        case tlsFailed
        /// The server refused the credentials, or wants some.
        case authenticationFailed
        /// The server can't confirm that what is written is as safe as ``RedisConfiguration/durability`` asks.
        case unconfirmable
        /// No reply within the command's deadline.
        case timedOut
        /// The calling task was cancelled.
        case cancelled
        /// Too much is queued already; nothing was sent.
        case overloaded
        /// The server answered an error.
        case server(RedisServerError)
        /// The server sent what is not RESP2; the connection was closed.
        case protocolError
        /// The reply has not the shape the command promises.
        case unexpectedReply
        /// A setting cannot be right; the message says what to write instead.
        case invalidConfiguration
        /// The client was shut down.
        case clientShutDown
    }

    /// Errors travel inside every reply's `Result`: one pointer keeps that small on the path where nothing fails.
    private final class Storage: Sendable {
        let code: Code
        let message: String
        let underlying: (any Error)?
        let mayHaveBeenExecuted: Bool

        init(code: Code, message: String, underlying: (any Error)?, mayHaveBeenExecuted: Bool) {
            self.code = code
            self.message = message
            self.underlying = underlying
            self.mayHaveBeenExecuted = mayHaveBeenExecuted
        }
    }

    private let storage: Storage

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What happened, for people; never a secret.
    ///   - underlying: The error behind it, if there is one.
    ///   - mayHaveBeenExecuted: Whether the command was written to the socket.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil, mayHaveBeenExecuted: Bool = false) {
        storage = Storage(code: code, message: message, underlying: underlying, mayHaveBeenExecuted: mayHaveBeenExecuted)
    }

    /// An error reply as an error: the server saw the command and refused it, so it was not executed in full.
    ///
    /// - Parameter error: What the server answered. A script may have written before it failed.
    public init(_ error: RedisServerError) {
        self.init(.server(error), error.explanation(), mayHaveBeenExecuted: true)
    }

    /// The kind of failure.
    public var code: Code { storage.code }

    /// What happened, for people. Holds no password.
    public var message: String { storage.message }

    /// The error behind it, if there is one.
    public var underlying: (any Error)? { storage.underlying }

    /// Whether the command was written to the socket: the server may have executed it although no reply came.
    public var mayHaveBeenExecuted: Bool { storage.mayHaveBeenExecuted }

    /// The server's error, when the server answered one.
    public var serverError: RedisServerError? {
        if case .server(let error) = code { error } else { nil }
    }

    /// The kind, the message and the error behind it, in one line.
    public var description: String {
        let name =
            switch code {
            case .server(let error): "server(\(error.code))"
            default: "\(code)"
            }
        let cause = underlying.map { " (\($0))" } ?? ""
        return "\(name): \(message)\(cause)"
    }
}
