import FoundationEssentials

/// Where traces and metrics are sent to: a URL that takes OTLP over HTTP.
public struct OTLPEndpoint: Sendable, Hashable {
    private let address: URLComponents
    /// Whether signals have paths of their own below it.
    private let isOfAllSignals: Bool

    /// The endpoint of all signals, such as `http://localhost:4318`: traces go to the path `v1/traces` below it, metrics to `v1/metrics`.
    ///
    /// - Throws: ``OTLPError`` with the code `invalidEndpoint` where it is no URL of `http` or `https` with a host.
    public init(_ base: String) throws(OTLPError) { try self.init(base, from: "The OTLP endpoint") }

    /// The endpoint of one signal, which is used as it is, such as `http://localhost:4318/v1/traces`.
    ///
    /// - Throws: ``OTLPError`` with the code `invalidEndpoint` where it is no URL of `http` or `https` with a host.
    public init(asItIs url: String) throws(OTLPError) { try self.init(asItIs: url, from: "The OTLP endpoint of one signal") }

    /// The endpoint of all signals, of which an error says where it was read from; it begins a sentence with that.
    init(_ base: String, from source: String) throws(OTLPError) {
        var address = try Self.components(base, from: source)
        address.percentEncodedPath = address.percentEncodedPath.droppingLastSlashes
        self.address = address
        isOfAllSignals = true
    }

    /// The same for the endpoint of one signal.
    init(asItIs text: String, from source: String) throws(OTLPError) {
        var address = try Self.components(text, from: source)
        if address.percentEncodedPath.isEmpty { address.percentEncodedPath = "/" }
        self.address = address
        isOfAllSignals = false
    }

    /// The URL that requests with this signal are posted to.
    func url(of signal: OTLPSignal) -> String {
        var address = address
        if isOfAllSignals { address.percentEncodedPath += "/v1/\(signal.rawValue)" }
        return address.string ?? ""
    }

    private static func components(_ text: String, from source: String) throws(OTLPError) -> URLComponents {
        guard let components = URLComponents(string: text), let host = components.host, !host.isEmpty,
            let scheme = components.scheme?.lowercased(), ["http", "https"].contains(scheme)
        else {
            throw OTLPError(.invalidEndpoint, "\(source) is \"\(text)\". Give a URL such as http://localhost:4318.")
        }
        guard components.user == nil, components.password == nil else {
            throw OTLPError(.invalidEndpoint, "\(source) has a user in it. Give credentials in OTEL_EXPORTER_OTLP_HEADERS.")
        }
        return components
    }
}

extension String {
    fileprivate var droppingLastSlashes: String {
        var text = self[...]
        while text.last == "/" { text.removeLast() }
        return String(text)
    }
}
