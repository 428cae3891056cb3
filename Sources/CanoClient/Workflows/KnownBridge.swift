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

    package init(_ id: String, silence: Duration, durability: RedisDurability?, workflows: [String]) {
        self.id = id
        self.silence = silence
        self.durability = durability
        self.workflows = workflows
    }
}
