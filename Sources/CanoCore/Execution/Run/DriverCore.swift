/// What a driver knows and does of a run that is the same whatever its states are: where it is, its log, its waits, and how it is undone.
///
/// Compiled once. What is generic over states asks the runtime for their types, or is compiled anew for each workflow.
@usableFromInline struct DriverCore: Sendable {
    @usableFromInline let scope: AttemptScope
    @usableFromInline let isObserved: Bool
    /// Whether the run is measured or traced: what that needs is not even looked at otherwise.
    @usableFromInline let isInstrumented: Bool
    /// Whether the first attempts at plain tasks take no more than the task's configuration says.
    @usableFromInline let isUnattended: Bool
    @usableFromInline let isLogging: Bool
    @usableFromInline var path = TransitionPath()
    @usableFromInline var visit = 0
    /// The finished steps that a rollback undoes, oldest first.
    @usableFromInline var completed: [CompletedStep] = []
    /// The steps that failed with an attempt left behind: whether they took effect is not known.
    @usableFromInline var inDoubt: [CanoError] = []
    /// What the log says; unused without one.
    @usableFromInline var logged = LogPosition()
    /// One element while the run is undone: behind a pointer, for a driver is moved about.
    @usableFromInline var undoings: [Undoing] = []

    @inlinable init(_ run: RunScope, isInstrumented: Bool) { self.init(AttemptScope(run: run), isInstrumented: isInstrumented) }

    /// The core of the driver whose attempts have that scope.
    @inlinable init(_ scope: AttemptScope, isInstrumented: Bool) {
        self.scope = scope
        let run = scope.run
        isObserved = run.runtime.isObserved
        self.isInstrumented = isInstrumented
        isUnattended = !isInstrumented && !run.canBeLeft
        isLogging = run.runtime.isLogging
    }

    @inlinable var run: RunScope { scope.run }
    var control: RunControl? { run.control }

    /// The node of the visit, where what waits in it may have to be done again.
    var visited: AnyRunAnchor? {
        get { logged.visited }
        set { logged.visited = newValue }
    }

    /// Set while the run is undone.
    var undoing: Undoing? {
        get { undoings.first }
        set { undoings = newValue.map { [$0] } ?? [] }
    }

    /// Reports how a loop of attempts failed, in terms of the run.
    mutating func placingFailure<Value>(
        in node: NodeIdentity, _ attempts: (inout DriverCore) async throws -> Value
    ) async throws -> Value {
        do {
            return try await attempts(&self)
        } catch let failure as AttemptLoop.Failure {
            if case .failed(let error) = failure { throw failed(error, node) }
            throw interrupted(node)
        } catch is CancellationError {
            throw interrupted(node)
        }
    }

    @inlinable func emit(_ event: @autoclosure () -> WorkflowEvent) {
        guard isObserved else { return }
        run.tell(event())
    }

    /// A core that stands where another one belongs, and shares nothing with it that either would have to copy.
    @usableFromInline var idle: DriverCore {
        var core = self
        core.path = TransitionPath()
        core.completed = []
        core.inDoubt = []
        core.undoings = []
        core.logged = LogPosition()
        return core
    }

    /// A task failed for good. In a run that goes on elsewhere that is nothing to tell of.
    @usableFromInline func failed(_ error: CanoError, _ node: NodeIdentity) -> CanoError {
        let failure = error.placed(in: node, path: path.recent)
        if isObserved, handoffReason == nil { emit(.taskFailed(state: node.label, task: node.taskName, error: failure)) }
        return failure
    }

    /// How long a stopped run waits for its log while it is undone.
    var patience: Duration { run.limits.compensationTimeout ?? CompensationBudget.most }

    /// How long what no stop cuts short may take to end by itself after one.
    var timeToFinish: Duration { max(run.limits.compensationTimeout ?? .zero, .seconds(60)) }
}
