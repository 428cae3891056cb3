import CanoRedis
import CanoRedisStores

/// What a script of a run under way answers.
enum StepAnswer: Sendable {
    /// Written, now or by an earlier sending of the same script.
    case written
    /// Written, and a command asks for the run to be cancelled, for this reason.
    case cancelRequested(String)
    /// Something the step writes to a shared store doesn't fit what is there: nothing was written.
    case refused(any Error)
    /// The run is another bridge's, or over: nothing was written and nothing may be done for it any more.
    case lost
    /// Redis has an older state of the run than was written: nothing was written.
    case behind
    /// The record names these reply streams: nothing was written.
    case replies(String)

    /// Reads an answer; nil when it is none.
    init?(_ reply: RESPValue) {
        if let parts = reply.arrayValue, let word = parts.first?.string {
            let rest = parts.dropFirst().map { String(decoding: $0.bytes ?? [], as: UTF8.self) }
            switch (word, rest.count) {
            case ("replies", 1): self = .replies(rest[0])
            case ("cancel", 1): self = .cancelRequested(rest[0])
            default:
                guard let refusal = SharedWrites.refusal(in: reply) else { return nil }
                self = .refused(refusal)
            }
            return
        }
        switch reply.string {
        case "ok", "again": self = .written
        case "lost": self = .lost
        case "behind": self = .behind
        default: return nil
        }
    }
}

/// A script of a run under way.
protocol StepCall: ScriptCall where Answer == StepAnswer {}

extension StepCall {
    func answer(_ reply: RESPValue) throws(RedisError) -> StepAnswer {
        guard let answer = StepAnswer(reply) else { throw Self.unexpected(reply) }
        return answer
    }
}
