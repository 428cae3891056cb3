public import Logging

/// The one argument of user code: what a task may know and use during one attempt.
///
/// It closes when the attempt ends, however it ends. An attempt that goes on after it was timed out or left to itself can
/// then no longer reach the run: resources and the stores throw ``CanoError/Category/attemptEnded``.
public struct TaskContext<State: WorkflowState>: Sendable {
    @usableFromInline let core: AttemptContext

    @inlinable init(_ core: AttemptContext) { self.core = core }

    @inlinable init(scope: AttemptScope, node: NodeIdentity, visit: Int, attempt: Int) {
        self.init(AttemptContext(scope: scope, node: node, visit: visit, attempt: attempt))
    }

    @inlinable var scope: AttemptScope { core.scope }
    @inlinable var generation: UInt64 { core.generation }
    @inlinable var node: NodeIdentity { core.node }

    /// What the run was started with.
    @inlinable public var input: State.Input { core.scope.run.input(of: State.self) }

    /// The ordinal of this state entry within the run, from 1. The same for every attempt, and when
    /// the run is resumed in this state.
    public var visit: Int { core.visit }

    /// The attempt, from 1. With a checkpoint store a resumed run counts on: attempts that failed are in its log.
    public var attempt: Int { core.attempt }

    /// A context for calling a task directly, without an engine. Its store writes at once and it never closes.
    public init(
        run: RunID = .random(), state: String = "", visit: Int = 1, attempt: Int = 1, input: State.Input,
        resources: Resources = Resources(), store: (any RunStore)? = nil, in runtime: WorkflowRuntime = .standard
    ) {
        let run = RunScope(
            id: run, of: .none, input: RunInput(input), store: store, resources: resources, runtime: runtime, control: nil, inbox: nil,
            limits: .none, canBeLeft: false)
        self.init(
            scope: AttemptScope(run: run, staged: false), node: NodeIdentity(label: state, taskName: ""), visit: visit, attempt: attempt)
    }

    /// The context of a run without an input; see the other initializer.
    public init(
        run: RunID = .random(), state: String = "", visit: Int = 1, attempt: Int = 1, resources: Resources = Resources(),
        store: (any RunStore)? = nil, in runtime: WorkflowRuntime = .standard
    ) where State.Input == Void {
        self.init(
            run: run, state: state, visit: visit, attempt: attempt, input: (), resources: resources, store: store, in: runtime)
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

    /// Logs with the run, the workflow, the state, the task and the attempt in its metadata.
    public var logger: Logger { scope.run.logger(at: node, attempt: attempt) }

    /// A name for the effect of this visit: `<run id>/<state label>/<visit>`, the same for every attempt and after every
    /// resume. In a compensation `<run id>/<state label>/<visit>/compensation`, for undoing is another effect than doing; in a branch
    /// of a split `<run id>/<state label>/<visit>/<index of the branch>`. In a run id and a label `%` is written as `%25` and `/` as `%2F`, so
    /// no two effects share a key.
    ///
    /// Hand it to outside systems that recognise a repeated request. A task with several effects at one visit, such as one for each item
    /// of a batch or each step, gives each a key of its own: see ``idempotencyKey(for:)``.
    public var idempotencyKey: String { core.idempotencyKey }

    /// A name for one of several effects of this visit: ``idempotencyKey``, `#` and the part, in which `%` and `/` are written as there.
    ///
    /// - Parameter part: What the effect is one of, such as an item's name or a cursor: it must be the same when the task runs again.
    /// - Returns: The name, which no other part, visit or run has.
    public func idempotencyKey(for part: String) -> String { "\(idempotencyKey)#\(part.asKeyComponent)" }

    /// The clock of the runtime, for measuring. Wait with ``sleep(for:)``.
    public var clock: any EngineClock { scope.run.runtime.clock }

    /// Waits on the runtime's clock.
    ///
    /// - Throws: `CancellationError` when the attempt is cancelled.
    public func sleep(for duration: Duration) async throws { try await scope.run.runtime.clock.sleep(for: duration) }
}

extension AttemptContext {
    /// See ``TaskContext/idempotencyKey``.
    var idempotencyKey: String {
        let suffix = node.isCompensation ? "/compensation" : node.branch.map { "/\($0)" } ?? ""
        return "\("\(scope.run.id)".asKeyComponent)/\(node.label.asKeyComponent)/\(visit)\(suffix)"
    }
}

extension String {
    /// The text without what separates the components of a key.
    fileprivate var asKeyComponent: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }) else { return self }
        return replacing("%", with: "%25").replacing("/", with: "%2F")
    }
}

extension RunScope {
    /// The input of the run, which belongs to a workflow with these states.
    ///
    /// Only what was made for the same run asks: its driver, and the contexts of its tasks and branches. So the type is certain, and asking
    /// for it each time would cost a step more than the engine does.
    @inlinable func input<State: WorkflowState>(of _: State.Type) -> State.Input {
        unsafeDowncast(input, to: RunInput<State.Input>.self).value
    }
}
