public import CanoBus

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
        let (name, version) = (workflow.name, workflow.version)
        return Set(try await onEachShard { try await $0.bridges(serving: name, version: version) }.joined()).sorted()
    }

    /// The same, of those that have it on the shard of a run.
    package func bridges<Input, Output>(serving workflow: WorkflowReference<Input, Output>, ofRun run: String) async throws -> [String] {
        try await onShard(ofRun: run) { try await $0.bridges(serving: workflow.name, version: workflow.version) }
    }

    /// What Redis has of a run.
    ///
    /// - Returns: Nil when no run has the id. Records are removed some time after their run has ended.
    /// - Throws: `BusError` with the code `unreadableRun` when the record is damaged; `RedisError`.
    public func record(of run: String) async throws -> RunRecord? {
        try await onShard(ofRun: run) { try await $0.record(of: run) }
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
        let command = try cancellation(of: run, reason, replyName: replyName)
        try await onShard(ofRun: run) { _ = try await $0.publish(command, isIdempotent: true) }
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
        let answer = try await onShard(ofRun: run) {
            try await $0.answer(to: command, about: run, within: limit, isIdempotent: true, orFrom: RunAnswer.init)
        }
        switch answer {
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
        let command = try resumption(of: run, replyName: replyName)
        try await onShard(ofRun: run) { _ = try await $0.publish(command, isIdempotent: false) }
    }

    /// Lets a failed run go on, and waits for its next end.
    ///
    /// - Returns: The run's output as JSON text.
    package func resumeAndWait(_ run: String, within limit: Duration?) async throws -> String {
        let command = try resumption(of: run, replyName: replyName)
        return try await onShard(ofRun: run) { shard in
            // The record may be that of the run before it was resumed, so it tells nothing.
            let answer = try await shard.answer(to: command, about: run, within: limit, isIdempotent: false) { _ in nil }
            return try await shard.output(answer, of: run)
        }
    }

    func resumption(of run: String, replyName: String?) throws(BusError) -> ResumeCommand {
        try Self.require(run: run)
        return ResumeCommand(run: run, replyName: replyName, trace: .current)
    }
}
