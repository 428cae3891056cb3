extension Duration {
    /// The duration in nanoseconds, rounded towards zero and clamped to what 64 bits hold.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, tooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooLarge || overflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in milliseconds, rounded towards zero and clamped to what 64 bits hold.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, tooLarge) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, overflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return tooLarge || overflow ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in seconds, as metrics want it.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
