import CanoCore

/// Where the states of a workflow are drawn: each below those that lead to it, side by side in a row. Pure.
///
/// It is the layering of Sugiyama, Tagawa and Toda (1981) with the simplest choice at each step: transitions that lead back are set aside by a
/// depth-first search, a row is the longest way from a beginning, and a row has its states in the order in which they were registered.
struct GraphLayout: Sendable, Hashable {
    /// The row and the place in it of each state, by its label.
    private(set) var places: [String: Place] = [:]
    /// How many states each row has.
    private(set) var rows: [Int] = []
    /// The transitions that lead to a state of the same row or one above.
    private(set) var backward: Set<WorkflowGraph.Edge> = []

    struct Place: Sendable, Hashable {
        let row: Int
        let column: Int
    }

    init(_ graph: WorkflowGraph) {
        var order: [String] = []
        for node in graph.nodes where !order.contains(node.label) { order.append(node.label) }
        let known = Set(order)
        let edges = graph.edges.filter { known.contains($0.from) && known.contains($0.to) }
        let next = Dictionary(grouping: edges, by: \.from)

        // Beginnings first: what is reached from them on a way that is open is behind them.
        let targets = Set(edges.filter { $0.from != $0.to }.map(\.to))
        let beginnings = [graph.start].compactMap(\.self).filter(known.contains) + order.filter { !targets.contains($0) }
        var (isSeen, isOpen): (Set<String>, Set<String>) = ([], [])
        var finished: [String] = []
        for beginning in beginnings + order where !isSeen.contains(beginning) {
            // The way from the beginning, with how many of the transitions of each state were followed.
            var way: [(state: String, followed: Int)] = [(beginning, 0)]
            isSeen.insert(beginning)
            isOpen.insert(beginning)
            while let (state, followed) = way.last {
                let leading = next[state] ?? []
                guard followed < leading.count else {
                    way.removeLast()
                    isOpen.remove(state)
                    finished.append(state)
                    continue
                }
                way[way.count - 1].followed += 1
                let edge = leading[followed]
                if isOpen.contains(edge.to) {
                    backward.insert(edge)
                } else if isSeen.insert(edge.to).inserted {
                    isOpen.insert(edge.to)
                    way.append((edge.to, 0))
                }
            }
        }

        var row = Dictionary(uniqueKeysWithValues: order.map { ($0, 0) })
        for state in finished.reversed() {
            for edge in next[state] ?? [] where !backward.contains(edge) {
                row[edge.to] = max(row[edge.to] ?? 0, (row[state] ?? 0) + 1)
            }
        }
        rows = Array(repeating: 0, count: (row.values.max() ?? -1) + 1)
        for label in order {
            let its = row[label] ?? 0
            places[label] = Place(row: its, column: rows[its])
            rows[its] += 1
        }
    }
}
