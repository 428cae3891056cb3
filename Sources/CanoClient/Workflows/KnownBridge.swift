public import CanoRedis

/// A bridge of the bus.
public struct KnownBridge: Sendable, Hashable {
    /// Its id: the name it was given, and a random part.
    public let id: String
    /// The time since its last heartbeat.
    public let silence: Duration
    /// How safe a step of its runs is before the next begins; nil where it does not say.
    public let durability: RedisDurability?
    /// The workflows it has, each as `<workflow>@<version>`.
    public let workflows: [String]

    package init(_ id: String, silence: Duration, durability: RedisDurability? = nil, workflows: [String]) {
        self.id = id
        self.silence = silence
        self.durability = durability
        self.workflows = workflows
    }
}

extension KnownBridge {
    /// The bridges of a bus from those of its shards: one that is silent on a shard is as silent as it is there.
    static func merged(_ shards: [[KnownBridge]]) -> [KnownBridge] {
        guard shards.count > 1 else { return shards.first ?? [] }
        return Dictionary(grouping: shards.joined(), by: \.id).map { id, parts in
            KnownBridge(
                id, silence: parts.map(\.silence).max() ?? .zero, durability: parts.lazy.compactMap(\.durability).first,
                workflows: Set(parts.flatMap(\.workflows)).sorted())
        }.sorted { ($0.silence, $0.id) < ($1.silence, $1.id) }
    }
}
