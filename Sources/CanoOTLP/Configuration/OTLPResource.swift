/// What exports spans: attributes that all of them have, by OpenTelemetry's conventions for resources.
public struct OTLPResource: Sendable, Hashable {
    /// The attributes, `service.name` among them.
    public let attributes: [String: String]

    /// Creates a resource.
    ///
    /// - Parameters:
    ///   - serviceName: `service.name`: the same for all processes that do the same.
    ///   - instanceID: `service.instance.id`: what tells one of them from the others; nil for none.
    ///   - attributes: Others. Those that the other arguments name as well are overruled by them.
    public init(serviceName: String, instanceID: String? = nil, attributes: [String: String] = [:]) {
        var attributes = attributes
        attributes["service.name"] = serviceName
        if let instanceID { attributes["service.instance.id"] = instanceID }
        self.attributes = attributes
    }
}
