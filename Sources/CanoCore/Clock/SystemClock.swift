#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The clock of the machine. Time spent asleep with the machine counts.
public struct SystemClock: EngineClock {
    /// Creates the clock; all its copies share one time line.
    public init() {}

    /// The present, in nanoseconds since the machine started.
    public var now: MonotonicInstant {
        #if canImport(Darwin)
            MonotonicInstant(nanoseconds: Self.nanoseconds(of: CLOCK_MONOTONIC))
        #else
            MonotonicInstant(nanoseconds: Self.nanoseconds(of: CLOCK_BOOTTIME))
        #endif
    }

    /// The wall clock, in milliseconds since 1970.
    public var unixMilliseconds: Int64 { Self.nanoseconds(of: CLOCK_REALTIME) / 1_000_000 }

    /// Waits until the instant has come.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    public func sleep(until deadline: MonotonicInstant) async throws {
        let remaining = now.duration(to: deadline)
        guard remaining > .zero else { return try Task.checkCancellation() }
        // A deadline decades away would overflow the sleep's own arithmetic.
        try await Task.sleep(for: min(remaining, Duration.seconds(1_000_000_000)), clock: .continuous)
    }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
