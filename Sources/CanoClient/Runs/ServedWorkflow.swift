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

extension ServedWorkflow {
    /// The workflows of a bus, by name and version, from those of its shards.
    static func merged(_ shards: [[ServedWorkflow]]) -> [ServedWorkflow] {
        guard shards.count > 1 else { return shards.first ?? [] }
        let parts = Dictionary(grouping: shards.joined()) { KnownWorkflow(workflow: $0.name, version: $0.version) }
        return parts.map { known, parts in
            ServedWorkflow(
                known.workflow, version: known.version, bridges: Set(parts.flatMap(\.bridges)).sorted(),
                running: parts.reduce(0) { $0 + $1.running }, waiting: parts.reduce(0) { $0 + $1.waiting },
                scheduled: parts.reduce(0) { $0 + $1.scheduled })
        }.sorted { ($0.name, $0.version ?? "") < ($1.name, $1.version ?? "") }
    }
}
