/// The engine's only way to measure time or to wait.
///
/// Tests replace it by a clock they move by hand, so nothing ever has to sleep for real.
public protocol EngineClock: Sendable {
    /// The present, on a time line that never goes back.
    var now: MonotonicInstant { get }

    /// The wall clock in milliseconds since 1970. It may jump; use it only for deadlines that outlive the process.
    var unixMilliseconds: Int64 { get }

    /// Waits until the instant has come; returns at once when it has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    func sleep(until deadline: MonotonicInstant) async throws
}

extension EngineClock {
    /// Waits that long. Zero and negative durations return without suspending.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    public func sleep(for duration: Duration) async throws {
        guard duration > .zero else { return try Task.checkCancellation() }
        try await sleep(until: now.advanced(by: duration))
    }
}
