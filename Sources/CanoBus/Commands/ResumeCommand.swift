/// A command to let a failed run go on.
package struct ResumeCommand: BusCommand {
    package static let type = CommandType.resume

    package static let definitions: [FieldDefinition] = [.required(.id, .runName, "The run."), .replyTo] + TraceContext.definitions

    package let run: String
    package let replyName: String?
    package let trace: TraceContext

    package init(run: String, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.run = run
        self.replyName = replyName
        self.trace = trace
    }

    package var values: [(Field, String?)] { [(.id, run), (.replyTo, replyName)] + trace.values }

    /// This command, refused for that reason.
    package func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(code, message, of: Rejection.Addressee(run: run, replyName: replyName, traceparent: trace.parent))
    }

    /// This command, about a run that has no record.
    package var unknownRun: Rejection {
        refused(.unknownRun, "No run has the id \"\(run)\": records of runs are kept for a time after their end.")
    }

    /// This command, about a run that cannot go on.
    package func notResumable(_ status: RunStatus) -> Rejection {
        let reason =
            switch status {
            case .scheduled: "has not begun yet"
            case .running: "is under way"
            case .waiting: "waits, and goes on by itself once what it waits for is there"
            case .completed: "is completed"
            case .cancelled: "was cancelled, and undone as far as there was anything to undo"
            case .failed: "was undone whole: start another"
            }
        return refused(.notResumable, "Only a run that failed, or could not be undone whole, can be resumed, and this one \(reason).")
    }
}
