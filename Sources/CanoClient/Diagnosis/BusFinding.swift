/// Something about a bus that a person should know, with what to do about it.
public struct BusFinding: Sendable, Hashable {
    /// How much it matters.
    public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        /// All is well.
        case fine
        /// Something will go wrong, or has gone wrong for some runs.
        case warning
        /// Work stands still, or what is kept may be lost.
        case error

        /// By how much they matter.
        public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .fine: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// How much it matters.
    public let severity: Severity
    /// What was looked at, in a word or two.
    public let subject: String
    /// What was found.
    public let finding: String
    /// What to do about it; nil where all is well.
    public let remedy: String?
    /// The prefixes of the shards that it is of; none where it is of all of the bus.
    public let shards: [String]

    package init(_ severity: Severity, _ subject: String, _ finding: String, remedy: String? = nil, shards: [String] = []) {
        self.severity = severity
        self.subject = subject
        self.finding = finding
        self.remedy = remedy
        self.shards = shards
    }

    /// The same, of these shards.
    func of(_ shards: [String]) -> BusFinding { BusFinding(severity, subject, finding, remedy: remedy, shards: shards) }
}
