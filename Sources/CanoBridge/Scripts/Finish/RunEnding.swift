import CanoBus
import CanoCore

/// How a run ended: what its record keeps and its last event says.
struct RunEnding: Sendable, Hashable {
    let status: RunStatus
    /// JSON text.
    private(set) var output: String?
    /// Why it did not complete; nil of one that was cancelled and undone.
    private(set) var failure: RunFailure?
    private(set) var reason: String?
    private(set) var rollback: RollbackResult?
    private(set) var isResumable: Bool?

    static func completed(output: String) -> RunEnding {
        RunEnding(status: .completed, output: output)
    }

    /// The end of a run that did not complete.
    ///
    /// - Parameters:
    ///   - error: What the engine threw.
    ///   - reason: Why the run was stopped, if it was. A task that fails with an error of the category `cancelled` has
    ///     failed like with any other.
    init(_ error: CanoError, stopped reason: StopReason?) {
        let failure = error.category == .compensationFailed ? error.causes.first ?? error : error
        let rollback = RollbackResult(error.rollback)
        if case .cancelled(let reason) = reason, failure.category == .cancelled {
            self.init(status: .cancelled, reason: reason, rollback: rollback)
            if rollback == .partial {
                self.failure = RunFailure(error)
                // What could not be undone can be once its cause is gone.
                isResumable = true
            }
        } else {
            self.init(
                status: .failed, failure: RunFailure(error), rollback: rollback, isResumable: error.rollback.isResumable)
        }
    }

    /// The end of a cancelled run that no live bridge can take: the bridge that ends it can undo nothing.
    ///
    /// - Parameters:
    ///   - reason: Why it was cancelled.
    ///   - hasStepsToUndo: Whether it has finished steps that can be undone. They are undone when the run is resumed.
    ///   - workflow: Its workflow.
    ///   - version: The version that no live bridge has.
    ///   - state: The state it was in.
    /// - Returns: The end.
    static func abandoned(reason: String, hasStepsToUndo: Bool, workflow: String, version: String, state: String) -> RunEnding {
        guard hasStepsToUndo else { return RunEnding(status: .cancelled, reason: reason, rollback: RollbackResult.none) }
        let category = CanoError.Category.workflowVersionMismatch.rawValue
        let failure = RunFailure(
            code: category,
            message: """
                No live bridge has version "\(version)" of the workflow "\(workflow)", so nothing was undone. Start one that has it and \
                resume the run.
                """,
            category: category, state: state)
        return RunEnding(status: .cancelled, failure: failure, reason: reason, rollback: .partial, isResumable: true)
    }

    private init(
        status: RunStatus, output: String? = nil, failure: RunFailure? = nil, reason: String? = nil, rollback: RollbackResult? = nil,
        isResumable: Bool? = nil
    ) {
        self.status = status
        self.output = output
        self.failure = failure
        self.reason = reason
        self.rollback = rollback
        self.isResumable = isResumable
    }

    /// The failure as JSON text.
    var error: String? { failure?.json }

    /// Whether rows and store stay, so that the run can go on from them.
    var keepsLog: Bool { isResumable == true || isKeptForever }

    /// Whether the record stays until an operator has looked at it.
    var isKeptForever: Bool { rollback == .partial }

    /// What the parent of the run is told that it ended with; nil where it completed.
    var childError: CanoError? {
        switch status {
        case .completed, .scheduled, .running, .waiting: nil
        case .cancelled: CanoError(.cancelled, reason ?? failure?.message ?? "it was cancelled", isRetryable: false)
        case .failed: failure.map { CanoError($0) } ?? CanoError(.generic, "it has failed")
        }
    }

    /// The event that ends the run.
    ///
    /// - Parameters:
    ///   - state: The state it ended in.
    ///   - duration: Milliseconds since it was started.
    ///   - time: Milliseconds since 1970.
    /// - Returns: The event.
    func event(in state: String, after duration: Int64, at time: Int64) -> PendingEvent {
        let duration = max(0, duration)
        return switch status {
        case .cancelled:
            PendingEvent(RunCancelled(state: state, reason: reason, rollback: rollback ?? .none, duration: duration), at: time)
        case .failed:
            PendingEvent(
                RunFailed(
                    state: state, error: error ?? "null", rollback: rollback ?? .none, isResumable: isResumable ?? false, duration: duration
                ),
                at: time)
        case .completed, .scheduled, .running, .waiting:
            PendingEvent(RunCompleted(state: state, output: output ?? "null", duration: duration), at: time)
        }
    }
}

extension RollbackResult {
    /// What the engine says became of the finished steps.
    init(_ rollback: Rollback) {
        self = RollbackResult(rawValue: rollback.rawValue) ?? .none
    }
}
