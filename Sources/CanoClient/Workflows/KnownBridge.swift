/// A bridge of the bus.
public struct KnownBridge: Sendable, Hashable {
    /// Its id: the name it was given, and a random part.
    public let id: String
    /// The time since its last heartbeat.
    public let silence: Duration
    /// The workflows it has, each as `<workflow>@<version>`.
    public let workflows: [String]

    package init(_ id: String, silence: Duration, workflows: [String]) {
        self.id = id
        self.silence = silence
        self.workflows = workflows
    }
}
