/// A command to let a failed run go on.
struct ResumeCommand: Sendable, Hashable {
    let run: String
    let replyName: String?
    let trace: TraceContext

    func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(
            code: code, message: message, yieldsToKnownRun: false,
            addressee: Rejection.Addressee(run: run, replyName: replyName, traceparent: trace.parent), isStart: false)
    }

    /// This command, about a run nobody knows.
    var unknownRun: Rejection {
        refused(.unknownRun, "No run has the id \"\(run)\": records of runs are kept for a time after their end.")
    }

    /// This command, about a run that cannot go on.
    func notResumable(_ record: RunRecord) -> Rejection {
        let reason =
            switch record.status {
            case .scheduled: "has not begun yet"
            case .running: "is under way"
            case .completed: "is completed"
            case .cancelled: "was cancelled, and undone as far as there was anything to undo"
            case .failed: "was undone whole: start another"
            }
        return refused(
            .notResumable, "Only a run that failed, or could not be undone whole, can be resumed, and this one \(reason).")
    }
}
