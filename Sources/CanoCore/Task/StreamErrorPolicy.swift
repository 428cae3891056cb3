/// What a bad item means to a stream.
public enum StreamErrorPolicy: Sendable, Hashable {
    /// It ends the stream.
    case failFast
    /// It is left out.
    case skipAndContinue
    /// Up to that many in a row are left out; the next one ends the stream.
    case retryOnError(maxErrors: Int)
}
