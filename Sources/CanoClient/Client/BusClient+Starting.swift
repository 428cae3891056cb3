import CanoBus
import CanoCore
import CanoPrimitives

/// Runs are started, and waited for.
extension BusClient {
    /// Starts a run and waits for its output.
    ///
    /// The id makes it safe to repeat: a run of that id is joined, and one that has completed answers at once. Choose one from what is to
    /// be done, such as `order-42`, wherever a caller may call again. Records are removed some time after their run has ended; from then on
    /// the id is new.
    ///
    /// Cancelling the caller ends the wait, and not the run.
    ///
    /// - Parameters:
    ///   - workflow: What to run.
    ///   - input: What it takes.
    ///   - id: The run's id: 1 to 200 characters of `A-Z a-z 0-9 . _ : @ / -`, never two `/` in a row; `nil` for a new one.
    ///   - options: What else the start says.
    ///   - limit: How long to wait; `nil` for as long as it takes.
    /// - Returns: The run's output.
    /// - Throws: ``ClientError`` when the start was rejected, the run did not complete, its id belongs to another run, or the time to wait
    ///   is over; `BusError` when a name can't be used or an answer can't be read; `RedisError` when the start could not be published;
    ///   `CancellationError`.
    public func execute<Input: Sendable, Output: Sendable>(
        _ workflow: WorkflowReference<Input, Output>, _ input: Input, id: String? = nil, options: StartOptions = StartOptions(),
        within limit: Duration? = nil
    ) async throws -> Output {
        let command = try command(workflow, input, id: id, options: options)
        return try workflow.output(try await output(of: command, within: limit))
    }

    /// Starts a run that takes no input, and waits for its output. See the first overload.
    public func execute<Output: Sendable>(
        _ workflow: WorkflowReference<Void, Output>, id: String? = nil, options: StartOptions = StartOptions(),
        within limit: Duration? = nil
    ) async throws -> Output {
        try await execute(workflow, (), id: id, options: options, within: limit)
    }

    /// Starts a run. It returns once Redis has the command, before a bridge has looked at it.
    ///
    /// - Parameters:
    ///   - workflow: What to run.
    ///   - input: What it takes.
    ///   - id: The run's id; `nil` for a new one. A run of that id is left as it is; see ``execute(_:_:id:options:within:)``.
    ///   - options: What else the start says.
    ///   - replyName: Where else its end is announced: a name, read from the stream `P:replies:<name>`.
    /// - Returns: The run.
    /// - Throws: ``ClientError`` with the code `unencodableInput`; `BusError` with the code `invalidName`; `RedisError`.
    @discardableResult
    public func start<Input: Sendable, Output: Sendable>(
        _ workflow: WorkflowReference<Input, Output>, _ input: Input, id: String? = nil, options: StartOptions = StartOptions(),
        replyName: String? = nil
    ) async throws -> BusRun<Output> {
        if let replyName { try Self.require(name: replyName) }
        let command = try command(workflow, input, id: id, options: options, replyName: replyName)
        try await onShard(ofRun: command.run) { _ = try await $0.publish(command, isIdempotent: true) }
        return BusRun(command.run, of: workflow, start: command, on: self)
    }

    /// Starts a run that takes no input. See the first overload.
    @discardableResult
    public func start<Output: Sendable>(
        _ workflow: WorkflowReference<Void, Output>, id: String? = nil, options: StartOptions = StartOptions(), replyName: String? = nil
    ) async throws -> BusRun<Output> {
        try await start(workflow, (), id: id, options: options, replyName: replyName)
    }

    private func command<Input, Output>(
        _ workflow: WorkflowReference<Input, Output>, _ input: Input, id: String?, options: StartOptions, replyName: String? = nil
    ) throws -> StartCommand {
        try Self.require(name: workflow.name)
        let id = id ?? "\(RunID.random())"
        try Self.require(run: id)
        return StartCommand(
            workflow.name, run: id, version: workflow.version, input: try workflow.json(of: input), options: options, replyName: replyName)
    }

    // MARK: Waiting

    /// Publishes a start and waits for the run's output.
    func output(of command: StartCommand, within limit: Duration?) async throws -> String {
        try await onShard(ofRun: command.run) { shard in
            let answering = command.answering(to: replyName)
            let answer = try await shard.answer(to: answering, about: command.run, within: limit, isIdempotent: true) { record in
                guard record.workflow == command.workflow, record.input == command.input else { return .otherRun }
                return try RunAnswer(record)
            }
            return try await shard.output(answer, of: command.run)
        }
    }
}
