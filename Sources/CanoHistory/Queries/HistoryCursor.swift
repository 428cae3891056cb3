#if SQLite
    /// Where a list of runs goes on. Keep it as the text it prints as; what that says is the history's own business and may change.
    ///
    /// It holds for the filter that it came with.
    public struct HistoryCursor: Sendable, Hashable, LosslessStringConvertible {
        /// The last run that was looked at: what the list is ordered by, and its number.
        let order: Int64
        let number: Int64

        init(order: Int64, number: Int64) {
            self.order = order
            self.number = number
        }

        /// The cursor as text, of digits and a dot.
        public var description: String { "\(order).\(number)" }

        /// Reads the text; nil when it is none.
        public init?(_ description: String) {
            let parts = description.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let order = Int64(parts[0]), let number = Int64(parts[1]) else { return nil }
            self.init(order: order, number: number)
        }
    }
#endif
