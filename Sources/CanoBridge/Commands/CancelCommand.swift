/// A command to cancel a run, wherever it is.
struct CancelCommand: Sendable, Hashable {
    /// The longest reason, in bytes.
    static let maximumReasonBytes = 1_024

    let run: String
    /// Why, in the words of whoever asks.
    let reason: String
    let replyName: String?
    let trace: TraceContext

    /// This command, about a run nobody knows.
    var unknownRun: Rejection {
        Rejection(
            code: .unknownRun,
            message: "No run has the id \"\(run)\". The cancellation is remembered: should its start come later, it is cancelled.",
            yieldsToKnownRun: true,
            addressee: Rejection.Addressee(run: run, replyName: replyName, traceparent: trace.parent), isStart: false)
    }
}
