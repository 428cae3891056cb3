/// Why a stream ended.
public enum CloseReason: Sendable, Hashable {
    /// The source has nothing more.
    case exhausted
    /// The run is being cancelled or is out of time.
    case cancelled
}
