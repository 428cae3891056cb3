import Foundation
import NIOCore

/// Why the admin server can't be started as it was asked for.
public struct AdminError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of trouble.
    @nonexhaustive
    public enum Code: Sendable, Hashable {
        /// The address is none.
        case invalidAddress
        /// The address can be reached from elsewhere, and there is no token.
        case missingToken
        /// The token's file can't be read, or holds no token.
        case invalidToken
        /// What stands before each path can't be part of one.
        case invalidBasePath
        /// The address can't be listened on.
        case addressUnavailable
    }

    /// The kind of trouble.
    public let code: Code
    /// What is wrong and what to do about it, for a person.
    public let message: String

    /// The message.
    public var description: String { message }

    /// There is a token, and nothing that asks for it.
    public static let tokenWithoutAddress = AdminError(
        .invalidAddress, "The admin token is for nothing: say with --admin where to listen, such as 127.0.0.1:9464.")

    /// The system does not let it listen.
    init(cannotListenOn address: AdminAddress, _ error: IOError) {
        let reason =
            switch error.errnoCode {
            case EADDRINUSE: "another program, such as a bridge that still runs, listens there"
            case EADDRNOTAVAIL: "this machine has no such address"
            case EACCES: "the system does not let this user listen there"
            default: "\(error)"
            }
        self.init(
            .addressUnavailable,
            "The admin server can't listen on \(address): \(reason). Choose another address with --admin; one with port 0 takes any port that is free."
        )
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
