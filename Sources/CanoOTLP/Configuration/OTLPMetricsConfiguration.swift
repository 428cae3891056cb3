/// Where metrics are exported to, and how often.
public struct OTLPMetricsConfiguration: Sendable {
    /// Where metrics are sent to.
    public var endpoint: OTLPEndpoint
    /// Headers of every request, such as one that says who sends it.
    public var headers: [String: String]
    /// What exports them.
    public var resource: OTLPResource
    /// How long it is from one export to the next.
    public var interval = Duration.seconds(60)
    /// How long one request may take.
    public var requestTimeout = Duration.seconds(10)
    /// How long the end of the program may wait for the last values to be sent.
    public var flushTime = Duration.seconds(3)

    /// Creates a configuration.
    public init(endpoint: OTLPEndpoint, resource: OTLPResource, headers: [String: String] = [:]) {
        self.endpoint = endpoint
        self.resource = resource
        self.headers = headers
    }
}
