import CanoPrimitives

/// A point on an ``EngineClock``'s monotonic time line: good for measuring and waiting, meaningless to another process.
public struct MonotonicInstant: InstantProtocol, Sendable {
    /// Nanoseconds since an origin the clock chose.
    public var nanoseconds: Int64

    /// Creates an instant that many nanoseconds after the clock's origin.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// An instant no clock reaches.
    public static let distantFuture = MonotonicInstant(nanoseconds: .max)

    /// The instant that much later. Overflow stops at the ends of the time line.
    public func advanced(by duration: Duration) -> MonotonicInstant {
        let step = duration.wholeNanoseconds
        let (sum, overflow) = nanoseconds.addingReportingOverflow(step)
        return MonotonicInstant(nanoseconds: overflow ? (step < 0 ? .min : .max) : sum)
    }

    /// The time from this instant to the other; negative when the other is earlier.
    public func duration(to other: MonotonicInstant) -> Duration {
        let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return .nanoseconds(overflow ? (other.nanoseconds < nanoseconds ? Int64.min : .max) : difference)
    }

    /// Whether the left instant is the earlier one.
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool { left.nanoseconds < right.nanoseconds }
}
