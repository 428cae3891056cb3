/// A workflow in one version: who runs it, and how many of its runs there are that are not over.
public struct ServedWorkflow: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its version; nil for runs that are to start later in whichever version there is then.
    public let version: String?
    /// The bridges that have it and live, by their ids.
    public let bridges: [String]
    /// How many of its runs are under way.
    public let running: Int
    /// How many wait.
    public let waiting: Int
    /// How many are to start later.
    public let scheduled: Int

    /// Whether it has runs, and no bridge that could go on with them.
    public var isStranded: Bool { version != nil && bridges.isEmpty && running + waiting + scheduled > 0 }

    package init(
        _ name: String, version: String?, bridges: [String] = [], running: Int = 0, waiting: Int = 0, scheduled: Int = 0
    ) {
        self.name = name
        self.version = version
        self.bridges = bridges
        self.running = running
        self.waiting = waiting
        self.scheduled = scheduled
    }
}
