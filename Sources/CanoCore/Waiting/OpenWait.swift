/// What one visit, or one branch of a split, waits for, as a log keeps it.
public struct OpenWait: Sendable, Hashable, Codable {
    /// The names of the signals it waits for, each once; none when it only waits for time to pass.
    public var signals: [String]
    /// How many of them are enough: 1 for the first of them, all of them at most.
    public var need: Int
    /// When it has waited long enough, in milliseconds since 1970; `nil` when it waits for as long as it takes.
    public var until: Int64?

    /// Creates a wait.
    public init(signals: [String] = [], need: Int = 1, until: Int64? = nil) {
        self.signals = signals
        self.need = need
        self.until = until
    }

    /// The shortest wait for time that a run is put down for: a shorter one costs less in place.
    static var shortestHeld: Duration { .seconds(1) }

    /// Whether signals of these names are enough. Time alone is never met by a signal.
    public func isMet(by names: Set<String>) -> Bool {
        !signals.isEmpty && signals.count(where: { names.contains($0) }) >= need
    }
}
