import CanoRedis
import CanoRedisStores

/// What a script of a run under way answers.
enum StepAnswer: Sendable {
    /// Written, now or by an earlier sending of the same script.
    case written
    /// Written, and a command asks for the run to be cancelled, for this reason.
    case cancelRequested(String)
    /// Written, and the run was put down: it waits, and is no bridge's.
    case waiting
    /// Written, and what the run would wait for is there, or its time has come: it goes on with these signals.
    case arrived(Inbox)
    /// Something the step writes to a shared store doesn't fit what is there: nothing was written.
    case refused(any Error)
    /// The run is another bridge's, or over: nothing was written and nothing may be done for it any more.
    case lost
    /// The step goes on with an answer that is not, or no longer, the only thing that its run waits for: nothing was written.
    case notTaken
    /// Redis has an older state of the run than was written: nothing was written.
    case behind
    /// The record names these reply streams: nothing was written.
    case replies(String)
    /// The run's tasks are on these queues: nothing was written.
    case queues(String)
    /// The run is a child whose parent is here: nothing was written.
    case parent(ChildEnd.ParentPlace)
    /// The run has ended, and its parent was told, which has what it waits for now or has only kept it.
    case told(woke: Bool)

    /// Reads an answer; nil when it is none.
    ///
    /// - Throws: ``RedisError`` when the inbox in it is none.
    init?(_ reply: RESPValue) throws(RedisError) {
        if let parts = reply.arrayValue, let word = parts.first?.string {
            if word == "arrived", parts.count == 2 {
                self = .arrived(Inbox(try HGETALL.decode(parts[1])))
                return
            }
            if let place = ChildEnd.ParentPlace(reply) {
                self = .parent(place)
                return
            }
            let rest = parts.dropFirst().map { String(decoding: $0.bytes ?? [], as: UTF8.self) }
            switch (word, rest.count) {
            case ("replies", 1): self = .replies(rest[0])
            case ("queues", 1): self = .queues(rest[0])
            case ("told", 1): self = .told(woke: rest[0] == "woke")
            case ("cancel", 1): self = .cancelRequested(rest[0])
            default:
                guard let refusal = SharedWrites.refusal(in: reply) else { return nil }
                self = .refused(refusal)
            }
            return
        }
        switch reply.string {
        case "ok", "again": self = .written
        case "waiting": self = .waiting
        case "lost": self = .lost
        case "not_taken": self = .notTaken
        case "behind": self = .behind
        default: return nil
        }
    }
}

/// A script of a run under way.
protocol StepCall: ScriptCall where Answer == StepAnswer {}

extension StepCall {
    func answer(_ reply: RESPValue) throws(RedisError) -> StepAnswer {
        guard let answer = try StepAnswer(reply) else { throw Self.unexpected(reply) }
        return answer
    }
}
