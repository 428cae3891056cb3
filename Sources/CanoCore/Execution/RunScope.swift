import Synchronization

/// What every attempt of one run shares.
@usableFromInline final class RunScope: Sendable {
    let id: RunID
    let input: any Sendable
    private let givenStore: (any RunStore)?
    /// The store in memory of a run that was given none, made by the first task that asks for it.
    private let memory = Mutex<MemoryStore?>(nil)
    @usableFromInline let resources: Resources
    @usableFromInline let runtime: WorkflowRuntime
    private let lost = Atomic(false)

    init(id: RunID, input: any Sendable, store: (any RunStore)?, resources: Resources, runtime: WorkflowRuntime) {
        self.id = id
        self.input = input
        givenStore = store
        self.resources = resources
        self.runtime = runtime
    }

    var store: any RunStore {
        if let givenStore { return givenStore }
        return memory.withLock { memory in
            let store = memory ?? MemoryStore()
            memory = store
            return store
        }
    }

    /// Whether the checkpoint store has said that somebody else may go on with the run. It never says otherwise later.
    var isLost: Bool { lost.load(ordering: .acquiring) }

    /// Whether the run may go on here: much may have happened since its last row.
    ///
    /// A no is kept, because what stops for it must know why: somebody else's run is not to be undone.
    func mayGoOn() async -> Bool {
        guard let checkpoints = runtime.checkpoints, !isLost else { return !isLost }
        guard await !checkpoints.mayGoOn(id) else { return true }
        lost.store(true, ordering: .releasing)
        return false
    }

    /// Tells every observer. Callers ask first whether there is one, so that no event is made for nobody.
    @usableFromInline func tell(_ event: WorkflowEvent) {
        for observer in runtime.observers { observer.workflow(id, did: event) }
    }
}
