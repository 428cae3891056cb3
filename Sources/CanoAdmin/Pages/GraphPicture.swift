import CanoCore

/// The graph of a workflow as a picture, with the state that a run is in.
struct GraphPicture: Sendable {
    let graph: WorkflowGraph
    /// The label of the state to show as the one a run is in; nil for none.
    let current: String?
    private let layout: GraphLayout

    private static let (width, height, gap, drop) = (170, 44, 26, 46)
    private static let longestText = 22

    init(_ graph: WorkflowGraph, current: String? = nil) {
        self.graph = graph
        self.current = current
        layout = GraphLayout(graph)
    }

    /// The picture: SVG, and its states as a list for those who can't see it.
    var html: HTML {
        guard let widest = layout.rows.max(), widest > 0 else { return "" }
        let columns = widest * Self.width + (widest - 1) * Self.gap
        let margin = layout.backward.isEmpty ? 10 : 60
        let size = (width: columns + 2 * margin, height: layout.rows.count * (Self.height + Self.drop) - Self.drop + 20)
        let edges = graph.edges.compactMap { line(for: $0, margin: margin, width: size.width) }
        let nodes = graph.nodes.compactMap { box(for: $0, margin: margin, columns: columns) }
        return """
            <svg class="graph" role="img" aria-label="States and where they lead" viewBox="0 0 \(size.width) \(size.height)" \
            width="\(size.width)" height="\(size.height)" xmlns="http://www.w3.org/2000/svg">
            <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
            <path d="M0 0L8 4L0 8z"/></marker></defs>
            \(edges)\(nodes)</svg>
            """
    }

    /// The middle of a state's box.
    private func middle(of label: String, margin: Int, width: Int) -> (x: Int, y: Int)? {
        guard let place = layout.places[label] else { return nil }
        let count = layout.rows[place.row]
        let row = count * Self.width + (count - 1) * Self.gap
        let left = (width - row) / 2 + place.column * (Self.width + Self.gap)
        return (left + Self.width / 2, 10 + place.row * (Self.height + Self.drop) + Self.height / 2)
    }

    private func box(for node: WorkflowGraph.Node, margin: Int, columns: Int) -> HTML? {
        guard let (x, y) = middle(of: node.label, margin: margin, width: columns + 2 * margin) else { return nil }
        let (left, top) = (x - Self.width / 2, y - Self.height / 2)
        let isRound = node.kind == .exit
        let kind = node.kind == .task ? "" : "\(node.kind)"
        let below = [kind, node.isUndoable ? "undoable" : "", node.task == node.label ? "" : node.task].filter { !$0.isEmpty }.joined(
            separator: " · ")
        let label: HTML =
            below.isEmpty
            ? "<text x=\"\(x)\" y=\"\(y + 4)\">\(Self.cut(node.label))</text>"
            : """
            <text x="\(x)" y="\(y - 3)">\(Self.cut(node.label))</text><text class="small" x="\(x)" y="\(y + 13)">\(Self.cut(below))</text>
            """
        return """
            <g class="state \(node.kind == .exit ? "exit" : "") \(node.label == current ? "current" : "")"><title>\(node.label) \(below)</title>\
            <rect x="\(left)" y="\(top)" width="\(Self.width)" height="\(Self.height)" rx="\(isRound ? Self.height / 2 : 6)"/>\(label)</g>

            """
    }

    private func line(for edge: WorkflowGraph.Edge, margin: Int, width: Int) -> HTML? {
        guard let from = middle(of: edge.from, margin: margin, width: width), let to = middle(of: edge.to, margin: margin, width: width)
        else {
            return nil
        }
        let half = Self.height / 2
        guard !layout.backward.contains(edge), from.y < to.y else {
            // Back: out on the right, and in on the right.
            let (right, out) = (max(from.x, to.x) + Self.width / 2, 45)
            return """
                <path class="back" d="M\(from.x + Self.width / 2) \(from.y + 4)C\(right + out) \(from.y + 4) \(right + out) \(to.y - 4) \
                \(to.x + Self.width / 2) \(to.y - 4)" marker-end="url(#tip)"/>

                """
        }
        let bend = (to.y - from.y) / 2
        return """
            <path d="M\(from.x) \(from.y + half)C\(from.x) \(from.y + bend) \(to.x) \(to.y - bend) \(to.x) \(to.y - half)" marker-end="url(#tip)"/>

            """
    }

    private static func cut(_ text: String) -> String {
        text.count <= longestText ? text : text.prefix(longestText - 1) + "…"
    }
}
