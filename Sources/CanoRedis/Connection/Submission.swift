import NIOCore

/// A command on its way from a caller to the connection's event loop.
struct Submission: Sendable {
    /// Names the command for cancelling it. Unique in its connection.
    let id: UInt64
    let command: EncodedCommand
    let byteCount: Int
    let deadline: NIODeadline
    /// Whether it may be sent again after a lost connection.
    let isIdempotent: Bool
    let waiter: ReplyWaiter
}
