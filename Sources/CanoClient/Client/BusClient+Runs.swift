public import CanoBus
import CanoRedis

/// Runs that are there already.
extension BusClient {
    /// A run that was started elsewhere.
    ///
    /// - Parameters:
    ///   - id: The run's id.
    ///   - workflow: What runs it.
    /// - Returns: The run; nothing has been asked of Redis yet.
    public func run<Input, Output>(_ id: String, of workflow: WorkflowReference<Input, Output>) -> BusRun<Output> {
        BusRun(id, of: workflow, start: nil, on: self)
    }

    /// The live bridges that have a workflow, by their ids.
    ///
    /// - Parameter workflow: The workflow, in any version unless it names one.
    /// - Returns: None when a start of it waits for a bridge to come.
    /// - Throws: `RedisError`.
    public func bridges<Input, Output>(serving workflow: WorkflowReference<Input, Output>) async throws -> [String] {
        let now = Double(try await redis.execute(TIME()) / 1_000)
        let listed = try await redis.execute(ZRANGEBYSCORE(keys.workflows, from: now, through: .infinity))
        return listed.compactMap { WorkflowListing(String(decoding: $0.member, as: UTF8.self)) }
            .filter { $0.workflow == workflow.name && (workflow.version == nil || $0.version == workflow.version) }
            .map(\.bridge).sorted()
    }

    /// What Redis has of a run.
    ///
    /// - Returns: Nil when no run has the id. Records are removed some time after their run has ended.
    /// - Throws: `BusError` with the code `unreadableRun` when the record is damaged; `RedisError`.
    public func record(of run: String) async throws -> RunRecord? {
        try RunRecord([String: String](hash: try await redis.execute(HGETALL(keys.record(of: run)))), of: run)
    }

    /// Asks for a run to be cancelled, wherever it is: its task is interrupted, and what it has done is undone. It returns once Redis has
    /// the command.
    ///
    /// The run may reach its end before it hears of this. The cancellation of an unknown run is kept: should its start come, it never runs.
    ///
    /// - Parameters:
    ///   - run: The run's id.
    ///   - reason: Why, in up to 1 KiB; `requested` when `nil`.
    ///   - replyName: Where the answer goes: a name, read from the stream `P:replies:<name>`.
    /// - Throws: `BusError` with the code `invalidName`; `RedisError`.
    public func cancel(_ run: String, reason: String? = nil, replyName: String? = nil) async throws {
        _ = try await publish(try cancellation(of: run, reason, replyName: replyName), isIdempotent: true)
    }

    /// Asks for a run to be cancelled, and waits until it was.
    ///
    /// - Parameters:
    ///   - run: The run's id.
    ///   - reason: Why, in up to 1 KiB; `requested` when `nil`.
    ///   - limit: How long to wait; `nil` for as long as it takes.
    /// - Throws: ``ClientError`` with the code `runNotCancelled` when it had ended before, or ended otherwise first; `rejected` when there is
    ///   no such run; `timedOut`; `BusError`; `RedisError`; `CancellationError`.
    public func cancelAndWait(_ run: String, reason: String? = nil, within limit: Duration? = nil) async throws {
        let command = try cancellation(of: run, reason, replyName: replyName)
        switch try await answer(to: command, about: run, within: limit, isIdempotent: true, orFrom: RunAnswer.init) {
        case .cancelled: return
        case .rejected(let code, let message):
            throw ClientError.rejected(code, message)
        case .completed, .otherRun:
            throw ClientError(.runNotCancelled, "The run \"\(run)\" was not cancelled: it completed first.")
        case .failed(let failure):
            throw ClientError(.runNotCancelled, "The run \"\(run)\" was not cancelled: it failed first.", failure: failure)
        }
    }

    func cancellation(of run: String, _ reason: String?, replyName: String?) throws(BusError) -> CancelCommand {
        try Self.require(run: run)
        if let replyName { try Self.require(name: replyName) }
        return CancelCommand(run: run, reason: reason ?? CancelCommand.defaultReason, replyName: replyName, trace: .current)
    }

    /// Lets a failed run go on that its record calls resumable: from its last step, or with what is left to undo. It returns once Redis
    /// has the command.
    ///
    /// - Parameters:
    ///   - run: The run's id.
    ///   - replyName: Where the run's next end is announced: a name, read from the stream `P:replies:<name>`.
    /// - Throws: `BusError` with the code `invalidName`; `RedisError`, after which the command may have been published: look at the record
    ///   before you send another.
    public func resume(_ run: String, replyName: String? = nil) async throws {
        if let replyName { try Self.require(name: replyName) }
        _ = try await publish(try resumption(of: run, replyName: replyName), isIdempotent: false)
    }

    /// Lets a failed run go on, and waits for its next end.
    ///
    /// - Returns: The run's output as JSON text.
    package func resumeAndWait(_ run: String, within limit: Duration?) async throws -> String {
        // The record may be that of the run before it was resumed, so it tells nothing.
        let answer = try await answer(
            to: try resumption(of: run, replyName: replyName), about: run, within: limit, isIdempotent: false
        ) { _ in nil }
        return try await output(answer, of: run)
    }

    func resumption(of run: String, replyName: String?) throws(BusError) -> ResumeCommand {
        try Self.require(run: run)
        return ResumeCommand(run: run, replyName: replyName, trace: .current)
    }
}
