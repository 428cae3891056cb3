/// Where a run is taken up again.
enum RunAnchor<State: WorkflowState>: Sendable {
    /// A state is entered.
    case entering(StateEntry<State>)
    /// The task of this state runs again, in the visit the run is in.
    case revisiting(StateNode<State>)

    /// A state is entered that the step before it chose.
    static func entering(_ state: State, after node: StateNode<State>?) -> RunAnchor { .entering(StateEntry(state, after: node)) }
}

/// Entering a state, which the step before it chose.
@usableFromInline final class StateEntry<State: WorkflowState>: Sendable {
    @usableFromInline let state: State
    /// The state of that step; `nil` where there is none.
    @usableFromInline let previous: StateNode<State>?

    @inlinable init(_ state: State, after previous: StateNode<State>?) {
        self.state = state
        self.previous = previous
    }
}

/// An anchor of a run with states of whatever type: what the run does there, which is a node or an entry.
@usableFromInline typealias AnyRunAnchor = any AnyObject & Sendable

extension RunAnchor {
    /// The anchor of which the log of a run with such states knows.
    init?(_ known: AnyRunAnchor) {
        if let node = known as? StateNode<State> {
            self = .revisiting(node)
        } else if let entry = known as? StateEntry<State> {
            self = .entering(entry)
        } else {
            return nil
        }
    }

    /// The anchor with the type of the states forgotten.
    var erased: AnyRunAnchor {
        switch self {
        case .entering(let entry): entry
        case .revisiting(let node): node
        }
    }
}
