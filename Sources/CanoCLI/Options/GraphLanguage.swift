import CanoCore

/// A language in which graphs are drawn.
enum GraphLanguage: String, CaseIterable {
    case mermaid, dot

    /// What a line begins with that is not drawn.
    var comment: String { self == .mermaid ? "%%" : "//" }

    /// The graph in this language.
    func text(of graph: WorkflowGraph) -> String { self == .mermaid ? graph.mermaid : graph.dot }
}
