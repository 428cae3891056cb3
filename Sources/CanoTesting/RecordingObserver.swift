public import CanoCore
import Synchronization

/// Remembers every event, so that a test can say what a run must have done.
///
/// ```swift
/// let observer = RecordingObserver()
/// _ = try await orders.run(in: WorkflowRuntime(observers: [observer]))
/// try observer.expectPath(["reserve", "charge", "shipped"])
/// ```
public final class RecordingObserver: WorkflowObserver {
    private let recorded = Mutex<[(run: RunID, event: WorkflowEvent)]>([])

    /// Creates an observer that has seen nothing.
    public init() {}

    /// Remembers the event.
    public func workflow(_ run: RunID, did event: WorkflowEvent) { recorded.withLock { $0.append((run, event)) } }

    /// Every event so far, of all runs.
    public var events: [WorkflowEvent] { recorded.withLock { $0.map(\.event) } }

    /// Every event of one run so far.
    public func events(of run: RunID) -> [WorkflowEvent] { recorded.withLock { $0.filter { $0.run == run }.map(\.event) } }

    /// Every event so far as a line of text, such as `taskStarted charge Charge`: what a test compares most easily.
    public var summary: [String] { events.map(\.summary) }

    /// The labels of the states entered so far, in order, repeats included.
    public var statesEntered: [String] {
        events.compactMap { if case .stateEntered(let state, _) = $0 { state } else { nil } }
    }

    /// Forgets everything.
    public func clear() { recorded.withLock { $0 = [] } }

    /// Answers everything and forgets it.
    public func take() -> [WorkflowEvent] {
        recorded.withLock { recorded in
            defer { recorded = [] }
            return recorded.map(\.event)
        }
    }

    /// - Throws: ``UnmetExpectation`` unless the states entered are exactly these, in this order.
    public func expectPath(_ labels: [String]) throws(UnmetExpectation) {
        guard statesEntered != labels else { return }
        throw UnmetExpectation("the path was \(statesEntered), not \(labels)")
    }

    /// - Throws: ``UnmetExpectation`` unless the last state entered has that label.
    public func expectCompleted(with label: String) throws(UnmetExpectation) {
        guard statesEntered.last != label else { return }
        throw UnmetExpectation("the last state was \(statesEntered.last ?? "none"), not \(label)")
    }

    /// - Throws: ``UnmetExpectation`` naming, in the order given, those of the states that were never entered.
    public func expectEntered(_ states: some Sequence<some WorkflowState>) throws(UnmetExpectation) {
        let entered = Set(statesEntered)
        var missing: [String] = []
        for state in states where !entered.contains(state.label) && !missing.contains(state.label) { missing.append(state.label) }
        if !missing.isEmpty { throw UnmetExpectation("never entered: \(missing.joined(separator: ", "))") }
    }

    /// - Throws: ``UnmetExpectation`` naming the states of the workflow with a task that were never entered.
    public func expectEnteredAll<State>(of workflow: Workflow<State>) throws(UnmetExpectation) {
        try expectEntered(workflow.registeredStates)
    }
}
