/// How a run came to its present owner.
public enum ResumeCause: String, Sendable, Hashable, CaseIterable {
    /// The lease of its bridge expired.
    case takeover
    /// Its bridge handed it back.
    case handback
    /// A command asked for it.
    case command
}
