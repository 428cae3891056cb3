/// A command to cancel a run, wherever it is.
package struct CancelCommand: BusCommand {
    package static let type = CommandType.cancel

    /// The reason of a command that gives none.
    package static let defaultReason = "requested"

    package static let definitions: [FieldDefinition] =
        [
            .required(.id, .runName, "The run."),
            .optional(.reason, .shortText(bytes: BusLimits.reasonBytes), "Why; `\(defaultReason)` where it is absent."),
            .replyTo,
        ] + TraceContext.definitions

    package let run: String
    /// Why, in the words of the program that asks.
    package let reason: String
    package let replyName: String?
    package let trace: TraceContext

    package init(run: String, reason: String = Self.defaultReason, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.run = run
        self.reason = reason
        self.replyName = replyName
        self.trace = trace
    }

    package var values: [(Field, String?)] {
        [(.id, run), (.reason, reason == Self.defaultReason ? nil : reason), (.replyTo, replyName)] + trace.values
    }

    /// This command, about a run that has no record.
    package var unknownRun: Rejection {
        Rejection(
            .unknownRun, "No run has the id \"\(run)\". The cancellation is remembered: should its start come later, it is cancelled.",
            of: Rejection.Addressee(run: run, replyName: replyName, traceparent: trace.parent), yieldsToKnownRun: true)
    }
}
