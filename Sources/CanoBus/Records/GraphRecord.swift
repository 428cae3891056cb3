import CanoPrimitives

/// The graph of a workflow in one version, as bridges publish it: its states, and where each may lead as far as that is declared.
package struct GraphRecord: Sendable, Hashable {
    /// A state.
    package struct State: Sendable, Hashable {
        package let label: String
        /// What is done there; nil of a kind that only later releases know.
        package let kind: StateKind?
        /// The name of its task; nil where it has none.
        package let task: String?
        /// How many branches a split has; nil of one whose branches a run makes, and of every other state.
        package let branches: Int?
        /// Whether what is done there is undone when the run fails later.
        package let isUndoable: Bool

        package init(_ label: String, _ kind: StateKind?, task: String? = nil, branches: Int? = nil, isUndoable: Bool = false) {
            self.label = label
            self.kind = kind
            self.task = task
            self.branches = branches
            self.isUndoable = isUndoable
        }
    }

    /// Where a state may lead.
    package struct Edge: Sendable, Hashable {
        package let from: String
        package let to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// The label of the state that runs begin in.
    package let start: String
    package let states: [State]
    package let edges: [Edge]

    package init(start: String, states: [State], edges: [Edge]) {
        self.start = start
        self.states = states
        self.edges = edges
    }
}

// MARK: - As JSON

extension GraphRecord {
    package static let members = [
        Member(.start, .text, "The label of the state that runs begin in."),
        Member(.states, .objects(State.members), "The states, those with a task first, in the order they were registered."),
        Member(.edges, .objects(Edge.members), "Where states may lead, as far as that is declared."),
    ]

    /// The graph as JSON text.
    package var json: String {
        var text = JSONWriter()
        text.member(.start, start)
        text.member(.states, json: JSONWriter.array(states.map(\.json)))
        text.member(.edges, json: JSONWriter.array(edges.map(\.json)))
        return text.object
    }

    /// Reads a graph.
    ///
    /// - Throws: ``BusError`` with the code `unreadableGraph` when the text is none.
    package init(json: String, of workflow: String) throws(BusError) {
        do {
            let graph = try JSONObject(json)
            start = try graph.value(.start)
            states = try JSONObject.elements(of: try graph.json(.states), in: .states).map { try State($0) }
            edges = try JSONObject.elements(of: try graph.json(.edges), in: .edges).map { try Edge($0) }
        } catch {
            throw BusError(.unreadableGraph, "The graph of the workflow \(workflow) is damaged: restart a bridge that has it. (\(error))")
        }
    }
}

extension GraphRecord.State {
    fileprivate static let members = [
        Member(.label, .text, "Its label."),
        Member(.kind, Member.words(StateKind.self), "What is done there. Later versions may add kinds."),
        Member(.task, .text, mayBeMissing: true, "The name of its task."),
        Member(.branches, .wholeNumber, mayBeMissing: true, "How many branches a split has; left out where a run makes them."),
        Member(.undoable, .truth, mayBeMissing: true, "True where what is done there is undone when the run fails later."),
    ]

    fileprivate var json: String {
        var text = JSONWriter()
        text.member(.label, label)
        text.member(.kind, (kind ?? .task).rawValue)
        if let task { text.member(.task, task) }
        if let branches { text.member(.branches, Int64(branches)) }
        if isUndoable { text.member(.undoable, true) }
        return text.object
    }

    fileprivate init(_ state: JSONObject) throws(JSONObject.Misfit) {
        let word: String = try state.value(.kind)
        let (task, branches, isUndoable): (String?, Int?, Bool?) = (
            try state.optional(.task), try state.optional(.branches), try state.optional(.undoable)
        )
        self.init(
            try state.value(.label), StateKind(rawValue: word), task: task, branches: branches, isUndoable: isUndoable ?? false)
    }
}

extension GraphRecord.Edge {
    fileprivate static let members = [
        Member(.from, .text, "The label of a state."), Member(.to, .text, "The label of a state that it may lead to."),
    ]

    fileprivate var json: String {
        var text = JSONWriter()
        text.member(.from, from)
        text.member(.to, to)
        return text.object
    }

    fileprivate init(_ edge: JSONObject) throws(JSONObject.Misfit) {
        self.init(from: try edge.value(.from), to: try edge.value(.to))
    }
}
