import CanoBus
import CanoRedis

/// What a run's record says, and what the run remembers of one of its tasks, as far as it must be known before that can be answered.
struct SeenTask: Sendable, Hashable {
    let run: SeenRun
    /// The queue that the task is on; nil where the leg waits for no answer.
    let queue: String?

    /// Reads both and acts on them; again while they change between the two, which they hardly do again and again.
    ///
    /// - Parameters:
    ///   - token: What the task is known by.
    ///   - bus: Where it is.
    ///   - body: What is done; it answers `nil` when the run or the task is another one by then.
    /// - Returns: What the body answered; `nil` when they changed each time.
    /// - Throws: What the body throws; ``RedisError``.
    static func acting<Answer>(
        on token: TaskToken, _ bus: Bus, _ body: (SeenTask) async throws -> Answer?
    ) async throws -> Answer? {
        try await SeenRun.acting({ try await SeenTask(token, on: bus) }, body)
    }
}

extension SeenTask {
    /// Reads both in one go.
    fileprivate init(_ token: TaskToken, on bus: Bus) async throws {
        let read = try await bus.redis.pipeline(
            [SeenRun.reading(token.run, on: bus), HMGET(bus.keys.openTasks(of: token.run), [token.leg])])
        run = SeenRun(token.run, try read[0].get())
        let kept = try read[1].get().first.flatMap(\.self)
        queue = kept.flatMap { OpenTask(String(decoding: $0, as: UTF8.self)) }.flatMap { $0.isOpen ? $0.queue : nil }
    }
}
