import CanoBus
import CanoCore

extension GraphRecord {
    /// The graph of a workflow, as it is published.
    init(_ workflow: any HostedWorkflow) {
        let graph = workflow.graph
        self.init(
            start: graph.start ?? workflow.firstRow.state,
            states: graph.nodes.map { node in
                State(
                    node.label, StateKind(node.kind), task: node.task.isEmpty ? nil : node.task,
                    branches: node.kind == .split ? node.branches : nil, isUndoable: node.isUndoable)
            },
            edges: graph.edges.map { Edge(from: $0.from, to: $0.to) })
    }
}

extension StateKind {
    fileprivate init(_ kind: WorkflowGraph.Kind) {
        self =
            switch kind {
            case .task: .task
            case .router: .router
            case .stepped: .stepped
            case .stream: .stream
            case .split: .split
            case .wait: .wait
            case .remote: .remote
            case .child: .child
            case .exit: .exit
            }
    }
}
