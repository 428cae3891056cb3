/// What a run waits for: one wait, or one for each branch of a split that waits. Any of them that is met wakes the run.
public struct RunWait: Sendable, Hashable {
    /// The waits, in the order of the branches.
    public var waits: [OpenWait]

    /// Creates the wait of a run.
    public init(_ waits: [OpenWait]) { self.waits = waits }

    /// When the first of the waits has lasted long enough, in milliseconds since 1970; `nil` when none ends by itself.
    public var until: Int64? { waits.compactMap(\.until).min() }

    /// The names of all signals that are waited for, each once.
    public var signals: [String] {
        var seen: Set<String> = []
        return waits.flatMap(\.signals).filter { seen.insert($0).inserted }
    }

    /// Whether signals of these names wake the run.
    public func isMet(by names: Set<String>) -> Bool { waits.contains { $0.isMet(by: names) } }
}
