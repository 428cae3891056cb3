/// The shape of a workflow, for a person to look at.
///
/// Shows every state. Of the transitions only the declared ones are known (by `leadsTo:`, `then:` and `else:`).
public struct WorkflowGraph: Sendable, Hashable {
    /// What is done in a state.
    @nonexhaustive
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// Work that is done in one go.
        case task
        /// It decides which state follows, and does nothing else.
        case router
        /// Work in steps, with a cursor that is kept.
        case stepped
        /// Windows of a stream.
        case stream
        /// Several branches at the same time.
        case split
        /// It waits for signals from outside, or for time to pass.
        case wait
        /// A worker elsewhere does the work.
        case remote
        /// Another run does.
        case child
        /// A run ends there.
        case exit
    }

    /// A state.
    public struct Node: Sendable, Hashable {
        /// Its label.
        public let label: String
        /// The name of its task; empty for exit states and splits.
        public let task: String
        /// What is done there.
        public let kind: Kind
        /// How many branches a split has; `nil` for one whose branches a run makes, 0 for everything else.
        public let branches: Int?
        /// Whether what is done there is undone when the run fails later.
        public let isUndoable: Bool

        package init(label: String, task: String = "", kind: Kind, branches: Int? = 0, isUndoable: Bool = false) {
            self.label = label
            self.task = task
            self.kind = kind
            self.branches = branches
            self.isUndoable = isUndoable
        }
    }

    /// A declared transition.
    public struct Edge: Sendable, Hashable {
        /// The label it comes from.
        public let from: String
        /// The label it leads to.
        public let to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// The label of the state that runs begin in; `nil` where they may begin in any.
    public let start: String?
    /// The states, those with a task first, in the order they were registered.
    public let nodes: [Node]
    /// The declared transitions, sorted by where they lead, state by state.
    public let edges: [Edge]

    package init(start: String?, nodes: [Node], edges: [Edge]) {
        self.start = start
        self.nodes = nodes
        self.edges = edges
    }

    /// The graph as a Mermaid flowchart.
    public var mermaid: String {
        var lines = ["flowchart TD"]
        let ids = identifiers
        for node in nodes {
            let text = caption(of: node).map(Self.escaped).joined(separator: "<br/>")
            let shape =
                switch node.kind {
                case .exit: "([\"\(text)\"])"
                case .router: "{\"\(text)\"}"
                case .split: "[[\"\(text)\"]]"
                case .wait: "{{\"\(text)\"}}"
                case .remote, .child: "[/\"\(text)\"/]"
                case .task, .stepped, .stream: "[\"\(text)\"]"
                }
            lines.append("    \(ids[node.label] ?? "")\(shape)")
        }
        for edge in edges {
            // Where a graph that comes from elsewhere leads to a state that it does not have.
            guard let from = ids[edge.from], let to = ids[edge.to] else { continue }
            lines.append("    \(from) --> \(to)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The graph in the DOT language of Graphviz.
    public var dot: String {
        var lines = ["digraph workflow {"]
        for node in nodes {
            let shape = node.kind == .exit ? "doublecircle" : node.kind == .router ? "diamond" : "box"
            let caption = Self.quoted(caption(of: node).joined(separator: "\n"))
            lines.append("    \(Self.quoted(node.label)) [shape=\(shape), label=\(caption)];")
        }
        for edge in edges { lines.append("    \(Self.quoted(edge.from)) -> \(Self.quoted(edge.to));") }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// Mermaid takes no free text as the name of a node.
    private var identifiers: [String: String] {
        var identifiers: [String: String] = [:]
        for (index, node) in nodes.enumerated() { identifiers[node.label] = "s\(index)" }
        return identifiers
    }

    /// The lines that say what a state is.
    private func caption(of node: Node) -> [String] {
        if node.kind == .split { return [node.label, node.branches.map { "\($0) branches" } ?? "for each"] }
        return node.task.isEmpty || node.task == node.label ? [node.label] : [node.label, node.task]
    }

    /// What Mermaid would read as more than text, spelled so that it is shown. A graph may come from elsewhere, and be shown in a browser.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\"": escaped += "#quot;"
            case "<": escaped += "#lt;"
            case ">": escaped += "#gt;"
            case "&": escaped += "#amp;"
            case "#", "`": escaped += "#\(scalar.value);"
            case _ where scalar.properties.generalCategory == .control: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            switch character {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default: quoted.append(character)
            }
        }
        return quoted + "\""
    }
}

extension Workflow {
    /// The shape of this workflow.
    public func graph() -> WorkflowGraph {
        let exits = definition.graph.nodes.filter { $0.isExit && $0.handler == nil }.sorted { $0.label < $1.label }
        let states = registeredStates.compactMap { node(of: $0) } + exits
        var edges: [WorkflowGraph.Edge] = []
        for node in states {
            for successor in (node.leadsTo ?? []).map(\.label).sorted() { edges.append(.init(from: node.label, to: successor)) }
        }
        return WorkflowGraph(
            start: definition.start?.label,
            nodes: states.map { node in
                let branches: Int? = if case .split(let split) = node.handler { split.branches.count } else { 0 }
                return .init(
                    label: node.label, task: node.identity.taskName, kind: node.isExit ? .exit : node.handler?.shownAs ?? .exit,
                    branches: branches, isUndoable: node.compensation != nil)
            }, edges: edges)
    }
}

extension Handler {
    /// What a drawing shows its state as.
    fileprivate var shownAs: WorkflowGraph.Kind {
        switch self {
        case .task, .compensatable: .task
        case .router: .router
        case .stepped: .stepped
        case .stream: .stream
        case .split: .split
        case .remoteStep(let work, _): .answered(by: work.answerer)
        case .waiting(let work): .answered(by: work.answerer)
        }
    }
}

extension WorkflowGraph.Kind {
    /// What waits for such an answer, or for none.
    fileprivate static func answered(by answerer: Answerer?) -> WorkflowGraph.Kind {
        switch answerer {
        case .worker: .remote
        case .child: .child
        case nil: .wait
        }
    }
}
