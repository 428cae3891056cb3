public import Synchronization

/// What a workflow value stands for. Shared by its copies and never changed, so that handing a workflow around costs nothing.
@usableFromInline final class WorkflowDefinition<State: WorkflowState>: Sendable {
    @usableFromInline let graph: StateGraph<State>
    let resources: Resources
    let version: String
    /// Remembers that validation found nothing, so that starting a run doesn't look again.
    @usableFromInline let isValid = Atomic<Bool>(false)

    init(graph: StateGraph<State>, resources: Resources, version: String) {
        self.graph = graph
        self.resources = resources
        self.version = version
    }
}
