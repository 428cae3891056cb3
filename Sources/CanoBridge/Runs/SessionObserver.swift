import CanoCore

/// Publishes what the engine tells of a run, as far as the event level asks for it.
struct SessionObserver: WorkflowObserver {
    let session: RunSession
    let mapper: RunEventMapper
    let exitStates: Set<String>
    /// States that are entered without a row.
    let rowlessStates: Set<String>

    func workflow(_ run: RunID, did event: WorkflowEvent) {
        // `completed` names the exit state.
        if case .stateEntered(let label, _) = event, exitStates.contains(label) { return }
        session.add {
            mapper.event(for: event, at: $0)
        } isAnnounced: {
            isAnnounced(event, after: $0)
        }
    }

    /// Whether the event becomes true only with the next row, and so must be published together with it.
    ///
    /// A state without a row is entered all the same, unless what the step before it wrote may yet be refused.
    private func isAnnounced(_ event: WorkflowEvent, after writes: StepWrites) -> Bool {
        switch event {
        case .stateEntered(let label, _): !rowlessStates.contains(label) || writes.mayBeRefused
        case .compensationSucceeded, .waiting: true
        default: false
        }
    }
}
