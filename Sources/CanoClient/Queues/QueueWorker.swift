/// A worker of a queue, by the name under which it reads.
public struct QueueWorker: Sendable, Hashable {
    /// Its consumer name.
    public let name: String
    /// How many tasks it has.
    public let inHand: Int
    /// The time since it last asked for tasks or was heard of.
    public let silence: Duration

    package init(name: String, inHand: Int, silence: Duration) {
        self.name = name
        self.inHand = inHand
        self.silence = silence
    }
}

extension QueueWorker {
    /// The workers of a queue, those first that were heard of last. One that reads several shards under the same name is one.
    static func merged(_ workers: [QueueWorker]) -> [QueueWorker] {
        Dictionary(grouping: workers, by: \.name).map { name, parts in
            QueueWorker(
                name: name, inHand: parts.reduce(0) { $0 + $1.inHand }, silence: parts.map(\.silence).min() ?? .zero)
        }.sorted { ($0.silence, $0.name) < ($1.silence, $1.name) }
    }
}
