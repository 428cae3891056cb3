extension DriverCore {
    /// Why another process is to continue the run; `nil` while it is this process's.
    var handoffReason: StopReason? { run.handoffReason }

    /// A run that goes on elsewhere does nothing more here.
    func leaveIfHandedOver() throws {
        if let handoffReason { throw Relinquished(reason: handoffReason) }
    }

    /// Why the run is to stop, once its task was found cancelled, or the run to be another process's. That it goes on elsewhere counts for
    /// more than what it was stopped for before.
    var stopReason: StopReason? { handoffReason ?? control?.resolveReason() ?? .cancelled(reason: nil) }

    /// Between two states. A run whose exit state is chosen has finished: only a run that goes on elsewhere leaves it there.
    @usableFromInline func stopBeforeEntering(_ label: String, isExit: Bool) throws {
        guard let reason = stopReason, !(isExit && reason.endsRun) else { return }
        throw stopped(reason, in: label, task: nil)
    }

    /// In the middle of a state's task.
    @usableFromInline func interrupted(_ node: NodeIdentity) -> any Error { interrupted(node.label, tasks: [node.taskName]) }

    /// In the middle of a state, with these tasks under way.
    func interrupted(_ label: String, tasks: [String]) -> any Error {
        let reason = stopReason ?? .handBack
        guard reason.endsRun else { return Relinquished(reason: reason) }
        for task in tasks {
            emit(.taskFailed(state: label, task: task, error: describe(reason, in: label, task: task)))
        }
        announce(reason, in: label)
        return describe(reason, in: label, task: tasks.count == 1 ? tasks.first : nil)
    }

    func stopped(_ reason: StopReason, in label: String, task: String?) -> any Error {
        guard reason.endsRun else { return Relinquished(reason: reason) }
        announce(reason, in: label)
        return describe(reason, in: label, task: task)
    }

    private func announce(_ reason: StopReason, in label: String) {
        switch reason {
        case .cancelled(let why): emit(.cancelled(state: label, reason: why))
        case .timedOut: emit(.timedOut(elapsed: elapsed, limit: run.limits.timeout ?? .zero))
        case .handBack, .ownershipLost: break
        }
    }

    private func describe(_ reason: StopReason, in label: String, task: String?) -> CanoError {
        let remark = run.hasAbandoned ? "; a task ignored its cancellation and was abandoned" : ""
        return switch reason {
        case .timedOut:
            CanoError(
                .workflowTimeout, "the run took \(elapsed) of the \(run.limits.timeout ?? .zero) it has\(remark)", state: label,
                task: task,
                path: path.recent)
        case .cancelled(let why):
            CanoError(
                .cancelled, (why.map { "the run was cancelled: \($0)" } ?? "the run was cancelled") + remark, state: label, task: task,
                path: path.recent)
        case .handBack, .ownershipLost:
            CanoError(.cancelled, "the run is to be continued elsewhere", state: label, task: task, path: path.recent)
        }
    }

    private var elapsed: Duration { run.limits.startedAt?.duration(to: run.runtime.clock.now) ?? .zero }
}
