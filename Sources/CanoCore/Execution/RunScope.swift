import Logging

/// What every attempt of one run shares.
final class RunScope: Sendable {
    let id: RunID
    let input: any Sendable
    let store: any RunStore
    let resources: Resources
    let runtime: WorkflowRuntime

    init(id: RunID, input: any Sendable, store: any RunStore, resources: Resources, runtime: WorkflowRuntime) {
        self.id = id
        self.input = input
        self.store = store
        self.resources = resources
        self.runtime = runtime
    }

    /// Tells every observer. Callers ask first whether there is one, so that no event is made for nobody.
    func tell(_ event: WorkflowEvent) {
        for observer in runtime.observers { observer.workflow(id, did: event) }
    }
}
