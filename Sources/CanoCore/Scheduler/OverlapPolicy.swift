/// What happens when a flow is due while a run of it goes on.
public enum OverlapPolicy: Sendable, Hashable {
    /// The due time is skipped, and a trigger refused.
    case skip
    /// Another run begins beside the first.
    case allow
}
