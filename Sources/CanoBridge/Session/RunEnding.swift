import CanoCore
import CanoPrimitives

/// How a run ended: what its record keeps and its last event says.
struct RunEnding: Sendable, Hashable {
    enum Status: String, Sendable {
        case completed, failed, cancelled
    }

    let status: Status
    /// JSON text.
    var output: String?
    /// JSON text.
    var error: String?
    var reason: String?
    var rollback: Rollback?
    var isResumable: Bool?

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
        if case .cancelled(let reason) = reason, failure.category == .cancelled {
            self.init(status: .cancelled, reason: reason, rollback: error.rollback)
            if error.rollback == .partial {
                self.error = ErrorText.json(error)
                // What could not be undone can be once its cause is gone.
                isResumable = true
            }
        } else {
            self.init(
                status: .failed, error: ErrorText.json(error), rollback: error.rollback, isResumable: error.rollback.isResumable)
        }
    }

    private init(
        status: Status, output: String? = nil, error: String? = nil, reason: String? = nil, rollback: Rollback? = nil,
        isResumable: Bool? = nil
    ) {
        self.status = status
        self.output = output
        self.error = error
        self.reason = reason
        self.rollback = rollback
        self.isResumable = isResumable
    }

    /// Whether rows and store stay, so that the run can go on from them.
    var keepsLog: Bool { isResumable == true || isKeptForever }

    /// Whether the record stays until a person has looked at it.
    var isKeptForever: Bool { rollback == .partial }

    /// The data of the event that ends the run.
    ///
    /// - Parameters:
    ///   - state: The state it ended in.
    ///   - duration: Milliseconds since it was started.
    /// - Returns: JSON text.
    func eventData(state: String, duration: Int64) -> String {
        var data = JSONWriter()
        data.member("state", state)
        if let output, output.utf8.count <= BusLimits.inlineOutputBytes { data.member("output", json: output) }
        if status == .failed, let error { data.member("error", json: error) }
        if status == .cancelled { data.member("reason", json: reason.map(JSONWriter.string) ?? "null") }
        if let rollback { data.member("rollback", rollback.rawValue) }
        if status == .failed, let isResumable { data.member("resumable", isResumable) }
        data.member("duration_ms", max(0, duration))
        return data.object
    }
}
