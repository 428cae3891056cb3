import Logging
import Synchronization

/// What every attempt of one run shares.
@usableFromInline final class RunScope: Sendable {
    let id: RunID
    /// What the run's workflow is called.
    let workflow: WorkflowIdentity
    /// Whether a stop ends the run although a task goes on. What was only begun by a call that waits for it waits for its tasks too.
    @usableFromInline let canBeLeft: Bool
    /// A ``RunInput`` of the type of the run's workflow, whose contexts alone ask for it.
    @usableFromInline let input: AnyRunInput
    /// Stops the run; `nil` when only cancelling its task does.
    @usableFromInline let control: RunControl?
    /// Where signals come in; `nil` when none can.
    let inbox: RunInbox?
    /// How long it may take. Here, and not in the driver, which is moved about.
    let limits: RunLimits
    private let givenStore: GivenStore?
    /// The store in memory of a run that was given none, made by the first task that asks for it.
    private let memory = Mutex<MemoryStore?>(nil)
    @usableFromInline let resources: Resources
    @usableFromInline let runtime: WorkflowRuntime
    /// Whether attempts get spans; asked for each of them.
    @usableFromInline let isTraced: Bool
    private let lost = Atomic(false)
    private let abandoned = Atomic(false)

    /// Behind one pointer, for most runs are given none.
    private indirect enum GivenStore: Sendable {
        case store(any RunStore)
    }

    /// The scope of a run with a store in memory that nothing limits.
    @usableFromInline convenience init(
        id: RunID, of workflow: WorkflowIdentity, input: AnyRunInput, resources: Resources, runtime: WorkflowRuntime, control: RunControl?
    ) {
        self.init(
            id: id, of: workflow, input: input, store: nil, resources: resources, runtime: runtime, control: control, inbox: nil,
            limits: .none, canBeLeft: false)
    }

    init(
        id: RunID, of workflow: WorkflowIdentity, input: AnyRunInput, store: (any RunStore)?, resources: Resources,
        runtime: WorkflowRuntime, control: RunControl?, inbox: RunInbox?, limits: RunLimits, canBeLeft: Bool
    ) {
        self.id = id
        self.workflow = workflow
        self.input = input
        self.control = control
        self.inbox = inbox
        self.limits = limits
        self.canBeLeft = canBeLeft
        givenStore = store.map { .store($0) }
        self.resources = resources
        self.runtime = runtime
        isTraced = runtime.isTraced
    }

    var store: any RunStore {
        if case .store(let store)? = givenStore { return store }
        return memory.withLock { memory in
            let store = memory ?? MemoryStore(boundedBy: .whole)
            memory = store
            return store
        }
    }

    /// Whether the checkpoint log has said that another process may continue the run. It never says otherwise later.
    var isLost: Bool { lost.load(ordering: .acquiring) }

    /// Why another process is to continue the run; `nil` while it is this process's.
    var handoffReason: StopReason? { control?.handoffReason ?? (isLost ? .ownershipLost : nil) }

    /// Whether this process still owns the run: much may have happened since its last row.
    ///
    /// A no is kept, because what stops for it must know why: a run that another process owns is not to be undone.
    func isStillOwner() async -> Bool {
        guard let box = runtime.log, !isLost else { return !isLost }
        guard await !box.log.isStillOwner(of: id) else { return true }
        lost.store(true, ordering: .releasing)
        return false
    }

    /// Whether an attempt may begin: this process still owns the run, and it was not stopped while that was found out.
    var mayAttempt: Bool {
        get async { await isStillOwner() && !isInterrupted }
    }

    /// Whether no other attempt is to be made: the run is stopped, or goes on elsewhere.
    var isInterrupted: Bool { Task.isCancelled || handoffReason != nil }

    /// Tells every observer. Callers ask first whether there is one, so that no event is made in vain.
    @usableFromInline func tell(_ event: WorkflowEvent) {
        for observer in runtime.observers { observer.workflow(id, did: event) }
    }

    /// Whether an attempt was left to itself, and may be going on.
    var hasAbandoned: Bool { abandoned.load(ordering: .acquiring) }

    /// An attempt ignored its cancellation and was left to itself.
    @usableFromInline func leftBehind(_ node: NodeIdentity, attempt: Int) {
        abandoned.store(true, ordering: .releasing)
        runtime.metrics?.count(.attemptsAbandoned)
        logger(at: node, attempt: attempt).error(
            "a task ignored its cancellation and was abandoned; what it does now has no effect on the run")
        // A run that may be going on elsewhere already has nothing more to say here.
        guard handoffReason == nil else { return }
        tell(.attemptAbandoned(state: node.label, task: node.taskName))
    }

    /// The runtime's logger, with where the run is in its metadata.
    func logger(at node: NodeIdentity, attempt: Int) -> Logger {
        var logger = runtime.logger
        logger[metadataKey: "run"] = "\(id)"
        if !workflow.name.isEmpty { logger[metadataKey: "workflow"] = "\(workflow.name)" }
        logger[metadataKey: "state"] = "\(node.label)"
        logger[metadataKey: "task"] = "\(node.taskName)"
        logger[metadataKey: "attempt"] = "\(attempt)"
        return logger
    }
}
