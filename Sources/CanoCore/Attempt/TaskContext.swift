public import Logging

/// The one argument of user code: what a task may know and use during one attempt.
///
/// It closes when the attempt ends, however it ends. An attempt that goes on after it was timed out or left to itself can
/// then no longer reach the run: resources, the store and the input throw ``CanoError/Category/attemptEnded``.
public struct TaskContext: Sendable {
    @usableFromInline let scope: AttemptScope
    @usableFromInline let generation: UInt64
    @usableFromInline let node: NodeIdentity
    /// The ordinal of this state entry within the run, from 1. The same for every attempt, and when
    /// the run is resumed in this state.
    public let visit: Int
    /// The attempt, from 1. A resumed run counts from 1 again.
    public let attempt: Int

    @inlinable init(scope: AttemptScope, node: NodeIdentity, visit: Int, attempt: Int) {
        self.scope = scope
        generation = scope.generation
        self.node = node
        self.visit = visit
        self.attempt = attempt
    }

    /// A context for calling a task directly, without an engine. Its store writes at once and it never closes.
    public init(
        run: RunID = .random(), state: String = "", visit: Int = 1, attempt: Int = 1, input: any Sendable = (),
        resources: Resources = Resources(), store: (any RunStore)? = nil, in runtime: WorkflowRuntime = .standard
    ) {
        let run = RunScope(id: run, input: input, store: store, resources: resources, runtime: runtime)
        self.init(
            scope: AttemptScope(run: run, staged: false), node: NodeIdentity(label: state, taskName: ""), visit: visit, attempt: attempt)
    }

    /// The workflow's resource with that key.
    ///
    /// - Throws: ``CanoError/Category/resourceNotFound``, ``CanoError/Category/resourceTypeMismatch`` or
    ///   ``CanoError/Category/attemptEnded``.
    public subscript<Value>(key: ResourceKey<Value>) -> Value {
        @inlinable get throws(CanoError) {
            try scope.ensureOpen(generation)
            return try scope.run.resources[key]
        }
    }

    /// The run's own store. What is written here counts when the attempt succeeds.
    public var store: TaskStore { TaskStore(scope: scope, generation: generation, shared: nil) }

    /// A store that runs share. What is written here counts when the attempt succeeds, like what is written to ``store``;
    /// another run may change what was read before that.
    ///
    /// - Parameter name: 1 to 100 characters of `A-Za-z0-9._-`.
    /// - Returns: The store as this attempt sees it.
    /// - Throws: ``CanoError/Category/configuration`` when the runtime has no ``WorkflowRuntime/stores`` or the name cannot be
    ///   one, ``CanoError/Category/attemptEnded`` when the attempt is over.
    public func store(named name: String) throws(CanoError) -> TaskStore {
        try scope.ensureOpen(generation)
        guard let stores = scope.run.runtime.stores else {
            throw CanoError(
                .configuration, "there are no shared stores: set the stores of the run's WorkflowRuntime, to MemoryStores() in a test",
                isRetryable: false)
        }
        try StoreName.check(name)
        do {
            return TaskStore(
                scope: scope, generation: generation, shared: .init(name: name, store: try stores.store(named: name), all: stores))
        } catch {
            throw CanoError(error)
        }
    }

    /// The run's name.
    public var runID: RunID { scope.run.id }

    /// The label of the state this task runs in.
    public var state: String { node.label }

    /// The run's input.
    ///
    /// - Throws: ``CanoError/Category/configuration`` when the run was started with an input of another type,
    ///   ``CanoError/Category/attemptEnded`` when the attempt is over.
    public func input<Input: Sendable>(_ type: Input.Type = Input.self) throws(CanoError) -> Input {
        try scope.ensureOpen(generation)
        guard let input = scope.run.input as? Input else {
            throw CanoError(.configuration, "the input of this run is a \(Swift.type(of: scope.run.input)), not a \(Input.self)")
        }
        return input
    }

    /// Logs with the run, the state and the task in its metadata.
    public var logger: Logger {
        var logger = scope.run.runtime.logger
        logger[metadataKey: "run"] = "\(scope.run.id)"
        logger[metadataKey: "state"] = "\(node.label)"
        logger[metadataKey: "task"] = "\(node.taskName)"
        return logger
    }

    /// A name for the effect of this visit: `<run id>/<state label>/<visit>`, the same for every attempt and after every
    /// resume. In a compensation `<run id>/<state label>/<visit>/compensation`, for undoing is another effect than doing.
    /// Hand it to outside systems that recognise a repeated request.
    public var idempotencyKey: String {
        "\(scope.run.id)/\(node.label)/\(visit)\(node.isCompensation ? "/compensation" : "")"
    }

    /// The clock of the runtime, for measuring. Wait with ``sleep(for:)``.
    public var clock: any EngineClock { scope.run.runtime.clock }

    /// Waits on the runtime's clock.
    ///
    /// - Throws: `CancellationError` when the attempt is cancelled.
    public func sleep(for duration: Duration) async throws { try await scope.run.runtime.clock.sleep(for: duration) }
}
