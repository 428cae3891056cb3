extension Double {
    /// So many a second, as people read it: with two digits behind the point where it is small.
    package var rate: String {
        guard self < 10 else { return "\(Int64(exactly: rounded()) ?? .max)" }
        let hundredths = Int((self * 100).rounded())
        return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
    }
}
