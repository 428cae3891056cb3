/// Why traces or metrics can't be exported as it was asked for.
public struct OTLPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of trouble.
    @nonexhaustive
    public enum Code: Sendable, Hashable {
        /// The endpoint is no URL that can be asked over HTTP.
        case invalidEndpoint
        /// The protocol is another one than OTLP over HTTP.
        case unsupportedProtocol
        /// The headers are not `name=value` pairs.
        case invalidHeaders
        /// The attributes of the resource are not `name=value` pairs.
        case invalidResource
        /// The sampler is not known, or its argument is none.
        case invalidSampler
        /// The exporter is another one than OTLP, or none.
        case unsupportedExporter
        /// Sums or histograms are to have a form that is not made.
        case unsupportedForm
        /// A time is no number of milliseconds.
        case invalidTime
    }

    /// The kind of trouble.
    public let code: Code
    /// What is wrong and what to do about it, for a person.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
