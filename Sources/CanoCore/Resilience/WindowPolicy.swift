/// How much may be used in each window of time.
public struct WindowPolicy: Sendable, Hashable {
    /// How much. At least 1.
    public var limit: Int
    /// How long a window is. Above zero.
    public var window: Duration

    /// Creates a policy.
    public init(_ limit: Int, per window: Duration) {
        precondition(limit >= 1 && window > .zero, "a window that allows nothing would block everybody for ever")
        self.limit = limit
        self.window = window
    }

    /// So much in so many hours.
    public static func perHours(_ limit: Int, hours: Int) -> WindowPolicy { WindowPolicy(limit, per: .seconds(3600 * hours)) }

    /// So much in so many days.
    public static func perDays(_ limit: Int, days: Int) -> WindowPolicy { WindowPolicy(limit, per: .seconds(86_400 * days)) }
}
