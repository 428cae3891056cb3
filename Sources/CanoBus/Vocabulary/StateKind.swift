/// What is done in a state, as graphs of workflows say it.
package enum StateKind: String, Sendable, Hashable, CaseIterable {
    case task, router, stepped, stream, split, wait, remote, child, exit
}
