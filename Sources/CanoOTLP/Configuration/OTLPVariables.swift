/// OpenTelemetry's variables that are set, as far as they are about one signal. An empty one counts as none.
struct OTLPVariables: Sendable {
    private let values: [String: String]
    private let signal: OTLPSignal

    init(of signal: OTLPSignal, in environment: [String: String]) {
        values = environment.filter { !$0.value.isEmpty }
        self.signal = signal
    }

    /// The variable, if it is set.
    private func value(of name: String) -> (name: String, value: String)? { values[name].map { (name, $0) } }

    /// A variable of the exporter: that of the signal, else that of all signals.
    private func ofExporter(_ name: String) -> (name: String, value: String)? {
        value(of: "OTEL_EXPORTER_OTLP_\(signal.variable)_\(name)") ?? value(of: "OTEL_EXPORTER_OTLP_\(name)")
    }

    // MARK: Whether and where

    /// Where the signal is sent to.
    ///
    /// - Parameters:
    ///   - given: An endpoint that was given otherwise.
    ///   - name: What it was given by.
    /// - Returns: `nil` for nowhere: there is no endpoint, or the signal is not to be exported.
    /// - Throws: ``OTLPError``.
    func endpoint(insteadOfVariables given: String?, givenBy name: String) throws(OTLPError) -> OTLPEndpoint? {
        guard values["OTEL_SDK_DISABLED"]?.lowercased() != "true" else { return nil }
        let endpoint: OTLPEndpoint
        if let given {
            endpoint = try OTLPEndpoint(given, from: name)
        } else if let own = value(of: "OTEL_EXPORTER_OTLP_\(signal.variable)_ENDPOINT") {
            endpoint = try OTLPEndpoint(asItIs: own.value, from: own.name)
        } else if let all = value(of: "OTEL_EXPORTER_OTLP_ENDPOINT") {
            endpoint = try OTLPEndpoint(all.value, from: all.name)
        } else {
            return nil
        }
        return try hasExporter() ? endpoint : nil
    }

    /// Whether OTLP is among the signal's exporters, as it is unless others are named. Prometheus reads metrics itself, where they are served.
    private func hasExporter() throws(OTLPError) -> Bool {
        guard let given = value(of: "OTEL_\(signal.variable)_EXPORTER") else { return true }
        let others = signal == .metrics ? ["none", "prometheus"] : ["none"]
        let names = given.value.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
        guard names.allSatisfy({ $0 == "otlp" || others.contains($0) }) else {
            throw OTLPError(
                .unsupportedExporter,
                "\(given.name) is \"\(given.value)\". Set it to otlp, which is what there is, or to none to have no \(signal.rawValue) sent."
            )
        }
        return names.contains("otlp")
    }

    func requireProtocol() throws(OTLPError) {
        guard let spoken = ofExporter("PROTOCOL"), !["http/json", "http/protobuf"].contains(spoken.value) else { return }
        throw OTLPError(
            .unsupportedProtocol,
            """
            \(spoken.name) is "\(spoken.value)", and \(signal.rawValue) are sent as http/json. Set it to http/json, and the endpoint to the \
            receiver's port for HTTP, which is mostly 4318.
            """)
    }

    // MARK: What goes with it

    func headers() throws(OTLPError) -> [String: String] {
        guard let given = ofExporter("HEADERS") else { return [:] }
        guard let pairs = EncodedPairs.read(given.value), pairs.allSatisfy({ $0.key.isHeaderName && $0.value.isHeaderValue }) else {
            // Values may be secrets: none is shown.
            throw OTLPError(
                .invalidHeaders,
                "\(given.name) can't be read. Give name=value pairs with commas between them, and commas and blanks in values as %2C and %20."
            )
        }
        return pairs
    }

    func resource(serviceName: String, instanceID: String) throws(OTLPError) -> OTLPResource {
        var attributes: [String: String] = [:]
        if let given = value(of: "OTEL_RESOURCE_ATTRIBUTES") {
            guard let pairs = EncodedPairs.read(given.value) else {
                throw OTLPError(
                    .invalidResource,
                    """
                    \(given.name) is "\(given.value)". Give name=value pairs with commas between them, and commas in values as %2C, such as \
                    deployment.environment.name=staging.
                    """)
            }
            attributes = pairs
        }
        return OTLPResource(
            serviceName: values["OTEL_SERVICE_NAME"] ?? attributes["service.name"] ?? serviceName,
            instanceID: attributes["service.instance.id"] ?? instanceID, attributes: attributes)
    }

    /// How long one request may take.
    func timeout(_ standard: Duration) throws(OTLPError) -> Duration { try time(ofExporter("TIMEOUT")) ?? standard }

    // MARK: Of one signal

    func sampler() throws(OTLPError) -> OTLPSampler {
        guard let name = values["OTEL_TRACES_SAMPLER"] else { return .standard }
        return try OTLPSampler(named: name, argument: values["OTEL_TRACES_SAMPLER_ARG"])
    }

    /// How long it is from one export of metrics to the next.
    func interval(_ standard: Duration) throws(OTLPError) -> Duration { try time(value(of: "OTEL_METRIC_EXPORT_INTERVAL")) ?? standard }

    /// Refuses forms of sums and histograms that are not made.
    func requireStandardForms() throws(OTLPError) {
        for (name, form) in [("TEMPORALITY_PREFERENCE", "cumulative"), ("DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram")] {
            guard let given = value(of: "OTEL_EXPORTER_OTLP_METRICS_\(name)"), given.value.lowercased() != form else { continue }
            throw OTLPError(
                .unsupportedForm, "\(given.name) is \"\(given.value)\". Set it to \(form), and let a collector make another form of it.")
        }
    }

    private func time(_ given: (name: String, value: String)?) throws(OTLPError) -> Duration? {
        guard let given else { return nil }
        guard let milliseconds = Int64(given.value), (1...86_400_000).contains(milliseconds) else {
            throw OTLPError(
                .invalidTime, "\(given.name) is \"\(given.value)\". Give milliseconds, from 1 to 86400000, such as 10000 for ten seconds.")
        }
        return .milliseconds(milliseconds)
    }
}

extension String {
    /// Whether HTTP may have it before the colon.
    fileprivate var isHeaderName: Bool {
        !isEmpty && utf8.allSatisfy { ($0 > 0x20 && $0 < 0x7F) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
    }

    /// Whether HTTP may have it after the colon.
    fileprivate var isHeaderValue: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }
}
