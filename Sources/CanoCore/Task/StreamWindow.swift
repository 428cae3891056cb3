/// When the outputs of a stream are flushed.
public enum StreamWindow: Sendable, Hashable {
    /// After that many outputs; less than 1 counts as 1.
    case count(Int)
    /// After that time, measured from the flush before; less than a millisecond counts as one.
    case duration(Duration)
}
