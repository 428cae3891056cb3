package import CanoBus
import CanoCore
import CanoRedis

/// What is waited for, and what is looked at meanwhile.
extension ShardClient {
    /// What Redis has of a run; nil when no run of this shard has the id.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun` when the record is damaged; `RedisError`.
    package func record(of run: String) async throws -> RunRecord? {
        try RunRecord([String: String](hash: try await redis.execute(HGETALL(keys.record(of: run)))), of: run)
    }

    /// Publishes a command and waits for what comes of it.
    ///
    /// - Parameters:
    ///   - command: The command, with this client's reply name.
    ///   - run: The run it is about.
    ///   - limit: How long to wait.
    ///   - isIdempotent: Whether the command may be published again when its reply is lost on the way.
    ///   - read: What the run's record says of the command, should the answer have been lost; nil while it says nothing.
    /// - Returns: The answer.
    /// - Throws: ``ClientError`` with the code `timedOut`.
    func answer(
        to command: some BusCommand, about run: String, within limit: Duration?, isIdempotent: Bool,
        orFrom read: (RunRecord) throws -> RunAnswer?
    ) async throws -> RunAnswer {
        guard let answer = try await answerInTime(to: command, about: run, within: limit, isIdempotent: isIdempotent, orFrom: read) else {
            throw ClientError(
                .timedOut, "No answer came in time. The run \"\(run)\" goes on, or waits for a bridge: its record shows how far it is.")
        }
        return answer
    }

    /// The same; nil when no answer has come in time.
    func answerInTime<Answer: CommandAnswer>(
        to command: some BusCommand, about run: String, within limit: Duration?, isIdempotent: Bool,
        orFrom read: (RunRecord) throws -> Answer?
    ) async throws -> Answer? {
        let deadline = limit.map { clock.now.advanced(by: $0) }
        let wait = try answers.begin(about: run, on: command.stream, for: Answer.self)
        defer { answers.end(wait) }
        answers.published(wait, as: try await publish(command, isIdempotent: isIdempotent))
        return try await answers.answer(wait, until: deadline) { try await record(of: run).flatMap(read) }
    }

    /// The output of a run as JSON text.
    ///
    /// - Throws: ``ClientError`` when it did not complete.
    func output(_ answer: RunAnswer, of run: String) async throws -> String {
        switch answer {
        case .completed(let output?): return output
        case .completed(nil):
            // Events leave large outputs out. The record has every output, and has it before the event is published.
            guard let output = try await record(of: run)?.output else {
                throw ClientError(
                    .outputGone, "The run \"\(run)\" completed, but its output has been removed since, with its record.")
            }
            return output
        case .failed(let failure):
            let reason = failure.map { " (\($0.code)): \($0.message)" } ?? "."
            throw ClientError(.runFailed, "The run \"\(run)\" failed\(reason)", failure: failure)
        case .cancelled(let told):
            // A duplicate does not say why.
            let reason = if let told { told } else { try await record(of: run)?.cancellation }
            throw ClientError(.runCancelled, "The run \"\(run)\" was cancelled\(reason.map { ": \($0)" } ?? ".")")
        case .rejected(let code, let message):
            throw ClientError.rejected(code, message)
        case .otherRun:
            throw ClientError(
                .otherRun,
                "The id \"\(run)\" belongs to a run of another workflow, or with another input: choose an id that names what is to be done."
            )
        }
    }

    /// Publishes a command about a schedule and waits for its answer on the stream of all events: a schedule's reply name is where the
    /// ends of its runs go.
    func answer(
        toSchedule command: some BusCommand, about name: String, within limit: Duration, isIdempotent: Bool
    ) async throws -> EventEntry {
        let entry = try await publish(command, isIdempotent: isIdempotent)
        let published = CommandEntryID("\(entry)", on: command.stream)
        let ids: Set = [EventEntry.id(ofSchedule: name, published), EventEntry.id(ofRejected: published)]
        // XREAD leaves out the id it is given. Both ids are the server's time, so no answer has a lower one.
        let before = StreamEntryID(milliseconds: max(1, entry.milliseconds) - 1, sequence: .max)
        guard let answer = try await eventReader.first(after: before, within: limit, where: { ids.contains($0.id) }) else {
            throw ClientError(
                .timedOut, "No bridge took the command in time. It stays on the stream, and a bridge may still take it.")
        }
        if let rejected = try answer.data() as? CommandRejected {
            throw ClientError.rejected(rejected.code, rejected.message)
        }
        return answer
    }
}
