import CanoBus
import CanoCore

extension WorkflowGraph {
    /// The graph that a bridge has published.
    init(_ record: GraphRecord) {
        self.init(
            start: record.start,
            nodes: record.states.map { state in
                let kind = state.kind.map(Kind.init) ?? .task
                return Node(
                    label: state.label, task: state.task ?? "", kind: kind, branches: kind == .split ? state.branches : 0,
                    isUndoable: state.isUndoable)
            },
            edges: record.edges.map { Edge(from: $0.from, to: $0.to) })
    }
}

extension WorkflowGraph.Kind {
    fileprivate init(_ kind: StateKind) {
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
