/// Waits, then goes on.
///
/// One attempt is the wait and what follows it. The wait is on the runtime's clock and ends when the run is cancelled.
public protocol TimerTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State

    /// Says how long to wait.
    @concurrent func wait(_ context: TaskContext) async throws -> TimerOutcome

    /// Answers the next state once the wait is over.
    @concurrent func afterWait(_ context: TaskContext) async throws -> State
}

extension TimerTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// Waits, then answers what ``afterWait(_:)`` answers.
    @concurrent public func run(_ context: TaskContext) async throws -> State {
        let clock = context.clock
        switch try await wait(context) {
        case .duration(let duration):
            try await clock.sleep(for: duration)
        case .until(let instant):
            try await clock.sleep(until: instant)
        case .at(let unixMilliseconds):
            // The wall clock may be set while we wait, so look at it from time to time.
            while clock.unixMilliseconds < unixMilliseconds {
                let (rest, overflow) = unixMilliseconds.subtractingReportingOverflow(clock.unixMilliseconds)
                try await clock.sleep(for: min(.milliseconds(overflow ? .max : rest), .seconds(60)))
            }
        }
        return try await afterWait(context)
    }
}
