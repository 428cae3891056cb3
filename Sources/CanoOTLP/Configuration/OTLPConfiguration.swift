/// Where spans are exported to, which ones, and how many of them are kept until they are.
public struct OTLPConfiguration: Sendable {
    /// Where spans are sent to.
    public var endpoint: OTLPEndpoint
    /// Headers of every request, such as one that says who sends it.
    public var headers: [String: String]
    /// What exports them.
    public var resource: OTLPResource
    /// Which spans are recorded.
    public var sampler: OTLPSampler
    /// How many spans that have ended are kept while they wait to be sent. More are dropped, and counted.
    public var capacity = 8_192
    /// How many spans go with one request, at most.
    public var batchSize = 512
    /// How long a span waits for others to go with it.
    public var batchDelay = Duration.seconds(1)
    /// How long one request may take.
    public var requestTimeout = Duration.seconds(10)
    /// How long the end of the program may wait for what is there to be sent.
    public var flushTime = Duration.seconds(3)

    /// Creates a configuration.
    public init(
        endpoint: OTLPEndpoint, resource: OTLPResource, headers: [String: String] = [:], sampler: OTLPSampler = .standard
    ) {
        self.endpoint = endpoint
        self.resource = resource
        self.headers = headers
        self.sampler = sampler
    }
}
