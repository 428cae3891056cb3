/// Waits for signals from outside, for time to pass, or for whichever comes first, and says then which state follows.
///
/// One attempt is the wait and what is done around it: ``TaskConfig/attemptTimeout`` bounds it whole. What ``begin(_:)`` wrote is part of the
/// run once the wait has begun, and ``begin(_:)`` is not called again in the visit: a further attempt, and a resumed run, wait for what is
/// left of the wait.
///
/// With a checkpoint store the wait is durable. A host that keeps waits, such as a bridge, puts the run down meanwhile: it takes no slot and
/// no memory until it is woken, by a signal or by its time.
///
/// Most workflows need no task of their own for this: see <doc:Waiting> and ``TimerTask``.
public protocol WaitTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State

    /// Does what comes before the wait, and says what to wait for.
    @concurrent func begin(_ context: TaskContext<State>) async throws -> WaitStep<State>

    /// Does what comes after the wait. May be called again after a failure or a crash, with the same signals.
    ///
    /// - Parameters:
    ///   - woken: What ended the wait.
    ///   - context: The attempt.
    /// - Returns: The next state, or another wait.
    /// - Throws: Anything; the attempt has then failed and may be repeated.
    @concurrent func wake(_ woken: Woken, _ context: TaskContext<State>) async throws -> WaitStep<State>
}

extension WaitTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// Waits in place. For calls without an engine: a state's task is begun and woken by the engine.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        var step = try await begin(context)
        while true {
            switch step {
            case .next(let state): return state
            case .wait(let wait):
                let (open, end) = wait.opened(on: context.clock)
                let signals = try await context.scope.run.waitHere(for: open, until: end)
                step = try await wake(signals.map { .signals($0) } ?? .timeout, context)
            }
        }
    }

    /// A task that may wait.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .waiting(VisitWork(self))) }

    /// The task of a line that waits: what comes before its wait only says what for.
    func makeNodeBeginningWithoutEffects() -> TaskNode<State> {
        var work = VisitWork(self)
        work.beginsWithoutEffects = true
        return TaskNode(self, .waiting(work))
    }
}

/// Who does work that a visit waits for.
enum Answerer: Sendable {
    case worker, child
}

/// What is done in a visit, or in a branch of a split, that may wait.
struct VisitWork<Value: Sendable>: Sendable {
    /// Does what comes before the wait.
    let begin: @concurrent @Sendable (AttemptContext) async throws -> WaitStep<Value>
    /// Does what comes after it, given what the wait said it wants to know.
    let wake: @concurrent @Sendable (Woken, _ note: [UInt8]?, AttemptContext) async throws -> WaitStep<Value>
    /// Whether what comes before the wait does nothing, so that entering the state and waiting in it are one row.
    var beginsWithoutEffects = false
    /// Whose answer is waited for, where one is.
    var answerer: Answerer?
    /// Whether what a worker was asked for is kept until it is known what became of it.
    var keepsRequest = false
}

extension VisitWork {
    /// Whether what is waited for is an answer: an attempt that gets none, or that it failed, is followed by one that begins anew.
    var isRemote: Bool { answerer != nil }

    /// The same work, which comes to something else.
    func map<Mapped: Sendable>(_ transform: @escaping @Sendable (Value) -> Mapped) -> VisitWork<Mapped> {
        let (begin, wake) = (begin, wake)
        return VisitWork<Mapped>(
            begin: { context in try await begin(context).map(transform) },
            wake: { woken, note, context in try await wake(woken, note, context).map(transform) },
            beginsWithoutEffects: beginsWithoutEffects, answerer: answerer, keepsRequest: keepsRequest)
    }

    init<Waiting: WaitTask>(_ task: Waiting) where Waiting.State == Value {
        begin = { context in try await task.begin(TaskContext(context)) }
        wake = { woken, _, context in try await task.wake(woken, TaskContext(context)) }
    }
}
