import CanoRedis

/// A command that can't be carried out: why, and as much of it as is valid.
struct Rejection: Error, Sendable {
    let code: RejectionCode
    /// What is wrong with it and what to send instead.
    let message: String
    /// Whether a run of this id that is known already is answered rather than rejected: everything that is checked
    /// after the fields themselves.
    let yieldsToKnownRun: Bool
    /// The parts that are valid.
    let addressee: Addressee
    /// Whether the command is a start: the answer to one whose run is known says whether both were the same.
    var isStart = true

    /// Whom a command concerns and who waits for its answer; each part is nil unless it keeps its rule.
    struct Addressee: Sendable, Hashable {
        var run: String?
        var workflow: String?
        var replyName: String?
        var traceparent = ""
        var input = ""
    }
}
