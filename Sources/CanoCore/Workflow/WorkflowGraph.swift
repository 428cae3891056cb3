/// The shape of a workflow, for a person to look at.
///
/// Shows every state. Of the transitions only the declared ones are known (by `leadsTo:`, `then:` and `else:`).
public struct WorkflowGraph: Sendable, Hashable {
    /// A state.
    public struct Node: Sendable, Hashable {
        /// Its label.
        public let label: String
        /// The name of its task; empty for exit states and splits.
        public let task: String
        /// `single`, `compensatable`, `router`, `stepped`, `stream`, `split` or `exit`.
        public let kind: String
        /// How many branches a split has; `nil` for one whose branches a run makes, 0 for everything else.
        public let branches: Int?
    }

    /// A declared transition.
    public struct Edge: Sendable, Hashable {
        /// The label it comes from.
        public let from: String
        /// The label it leads to.
        public let to: String
    }

    /// The states, those with a task first, in the order they were registered.
    public let nodes: [Node]
    /// The declared transitions, sorted.
    public let edges: [Edge]

    /// The graph as a Mermaid flowchart.
    public var mermaid: String {
        var lines = ["flowchart TD"]
        let ids = identifiers
        for node in nodes {
            let text = Self.escaped(caption(of: node, break: "<br/>"))
            let shape =
                switch node.kind {
                case "exit": "([\"\(text)\"])"
                case "router": "{\"\(text)\"}"
                default: "[\"\(text)\"]"
                }
            lines.append("    \(ids[node.label] ?? "")\(shape)")
        }
        for edge in edges { lines.append("    \(ids[edge.from] ?? "") --> \(ids[edge.to] ?? "")") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The graph in the DOT language of Graphviz.
    public var dot: String {
        var lines = ["digraph workflow {"]
        for node in nodes {
            let shape = node.kind == "exit" ? "doublecircle" : node.kind == "router" ? "diamond" : "box"
            lines.append("    \(Self.quoted(node.label)) [shape=\(shape), label=\(Self.quoted(caption(of: node, break: "\n")))];")
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

    private func caption(of node: Node, break newline: String) -> String {
        if node.kind == "split" { return "\(node.label)\(newline)" + (node.branches.map { "\($0) branches" } ?? "for each") }
        return node.task.isEmpty || node.task == node.label ? node.label : "\(node.label)\(newline)\(node.task)"
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "#quot;")
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
            nodes: states.map { node in
                let branches: Int? = if case .split(let split) = node.handler { split.branches.count } else { 0 }
                return .init(
                    label: node.label, task: node.identity.taskName, kind: node.isExit ? "exit" : node.handler?.kind ?? "exit",
                    branches: branches)
            }, edges: edges)
    }
}
