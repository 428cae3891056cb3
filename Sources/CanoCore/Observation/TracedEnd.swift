/// How what happened inside a span came to its end, where that was thrown.
enum TracedEnd {
    /// It has failed: the span shows the error.
    case failed(any Error)
    /// Something else ends the span here: the run waits, goes on elsewhere, or was stopped. The span says so, and shows no error.
    case left(String)

    init(_ error: any Error) {
        switch error {
        case let error as any TracedError: self = error.tracedEnd
        case is CancellationError where Task.isCancelled: self = .left("stopped")
        default: self = .failed(error)
        }
    }
}

/// An error that says itself how a span shows it.
protocol TracedError: Error {
    /// How it is shown.
    var tracedEnd: TracedEnd { get }
}

extension Relinquished: TracedError {
    var tracedEnd: TracedEnd { .left("relinquished") }
}
