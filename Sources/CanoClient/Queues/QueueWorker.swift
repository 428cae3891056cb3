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
