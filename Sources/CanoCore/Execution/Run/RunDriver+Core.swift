/// What a driver has of its core.
extension RunDriver {
    @inlinable var run: RunScope { core.scope.run }
    @inlinable var scope: AttemptScope { core.scope }
    @inlinable var isObserved: Bool { core.isObserved }
    @inlinable var isInstrumented: Bool { core.isInstrumented }
    @inlinable var isUnattended: Bool { core.isUnattended }
    @inlinable var isLogging: Bool { core.isLogging }
    var control: RunControl? { core.control }

    @usableFromInline var path: TransitionPath {
        @inlinable _read { yield core.path }
        @inlinable _modify { yield &core.path }
    }

    @usableFromInline var visit: Int {
        @inlinable _read { yield core.visit }
        @inlinable _modify { yield &core.visit }
    }

    @usableFromInline var completed: [CompletedStep] {
        @inlinable _read { yield core.completed }
        @inlinable _modify { yield &core.completed }
    }

    @usableFromInline var logged: LogPosition {
        @inlinable _read { yield core.logged }
        @inlinable _modify { yield &core.logged }
    }

    @inlinable func emit(_ event: @autoclosure () -> WorkflowEvent) {
        guard isObserved else { return }
        run.tell(event())
    }

    /// Why another process is to continue the run; `nil` while it is this process's.
    var handoffReason: StopReason? { core.handoffReason }

    /// Why the run is to stop; see ``DriverCore/stopReason``.
    var stopReason: StopReason? { core.stopReason }

    func leaveIfHandedOver() throws { try core.leaveIfHandedOver() }

    /// See ``DriverCore/stopBeforeEntering(_:isExit:)``.
    @inlinable func stopBeforeEntering(_ label: String, isExit: Bool) throws { try core.stopBeforeEntering(label, isExit: isExit) }

    /// In the middle of a state's task.
    @usableFromInline func interrupted(_ node: StateNode<State>) -> any Error { core.interrupted(node.identity) }

    /// In the middle of a state, with these tasks under way.
    func interrupted(_ node: StateNode<State>, tasks: [String]) -> any Error { core.interrupted(node.label, tasks: tasks) }

    /// A task failed for good. In a run that goes on elsewhere that is nothing to tell of.
    func failed(_ error: CanoError, _ node: StateNode<State>) -> CanoError { core.failed(error, node.identity) }

    /// How long what no stop cuts short may take to end by itself after one.
    var timeToFinish: Duration { core.timeToFinish }

    /// Records that a state is entered.
    @inlinable mutating func log(entryOf node: StateNode<State>) async throws {
        guard node.isEntryLogged else { return core.logged.entersWithoutRow(node) }
        try await core.log(entryOf: node.identity, known: node, isExit: node.isExit)
    }
}
