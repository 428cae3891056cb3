import CanoCore
import Foundation
import Testing

@testable import CanoAdmin

@Suite("The picture of a workflow", .timeLimit(.minutes(5)))
struct GraphTests {
    private func graph(_ start: String?, _ labels: [String], _ edges: [(String, String)]) -> WorkflowGraph {
        WorkflowGraph(
            start: start, nodes: labels.map { WorkflowGraph.Node(label: $0, kind: .task) }, edges: edges.map { .init(from: $0.0, to: $0.1) }
        )
    }

    private func rows(_ graph: WorkflowGraph) -> [[String]] {
        let layout = GraphLayout(graph)
        return layout.rows.indices.map { row in
            layout.places.filter { $0.value.row == row }.sorted { $0.value.column < $1.value.column }.map(\.key)
        }
    }

    @Test("has each state below all that lead to it")
    func layers() {
        let line = graph("a", ["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
        #expect(rows(line) == [["a"], ["b"], ["c"], ["d"]])
        let fork = graph("a", ["a", "b", "c", "d"], [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])
        #expect(rows(fork) == [["a"], ["b", "c"], ["d"]])
        #expect(
            rows(graph("b", ["a", "b"], [("b", "a")])) == [["b"], ["a"]], "the first state is the beginning, and not the first registered")
    }

    @Test("sets aside what leads back")
    func cycles() {
        let retry = graph("a", ["a", "b", "c"], [("a", "b"), ("b", "a"), ("b", "c"), ("c", "c")])
        #expect(rows(retry) == [["a"], ["b"], ["c"]])
        #expect(GraphLayout(retry).backward == [.init(from: "b", to: "a"), .init(from: "c", to: "c")])
    }

    @Test("has states that nothing leads to, and passes over transitions to what is no state")
    func loose() {
        #expect(rows(graph("a", ["a", "b", "x"], [("a", "b"), ("a", "nowhere")])) == [["a", "x"], ["b"]])
        #expect(rows(graph(nil, [], [])) == [])
        #expect(GraphPicture(graph(nil, [], [])).html.text == "")
    }

    @Test("ends for a graph in which all leads everywhere")
    func complete() {
        let labels = (0..<40).map { "s\($0)" }
        let all = labels.flatMap { from in labels.map { (from, $0) } }
        let layout = GraphLayout(graph("s0", labels, all))
        #expect(layout.places.count == 40 && layout.rows.reduce(0, +) == 40)
        #expect(layout.backward.allSatisfy { layout.places[$0.from].map(\.row) ?? 0 >= layout.places[$0.to].map(\.row) ?? 0 })
    }

    @Test("shows the state that a run is in, and hostile names as text")
    func picture() {
        let hostile = "<script>\"'&"
        let picture = GraphPicture(graph("a", ["a", hostile], [("a", hostile)]), current: hostile).html.text
        #expect(picture.contains("class=\"state  current\""))
        #expect(!picture.contains("<script>") && picture.contains("&lt;script&gt;"))
        #expect(picture.components(separatedBy: "<rect").count == 3 && picture.components(separatedBy: "marker-end").count == 2)
    }
}
