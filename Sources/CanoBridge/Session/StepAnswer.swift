import CanoRedis

/// What a run's script answered.
enum StepAnswer: Sendable, Hashable {
    /// Written, now or by an earlier sending of the same script.
    case written
    /// Written, and somebody has asked for the run to be cancelled.
    case cancelRequested
    /// The run is another bridge's, or over: nothing was written and nothing may be done for it any more.
    case lost
    /// Redis has an older state of the run than was written: nothing was written.
    case behind
    /// The record names these reply streams: nothing was written.
    case replies(String)

    /// Reads an answer.
    ///
    /// - Throws: ``RedisError`` with the code `unexpectedReply` when it is none of a run's script's.
    init(_ value: RESPValue) throws(RedisError) {
        if case .array(let parts) = value, parts.count == 2, parts[0].string == "replies", let names = parts[1].string {
            self = .replies(names)
            return
        }
        switch value.string {
        case "ok", "again": self = .written
        case "cancel": self = .cancelRequested
        case "lost": self = .lost
        case "behind": self = .behind
        default: throw RedisError(.unexpectedReply, "A script of the bus answered \(value).")
        }
    }
}
