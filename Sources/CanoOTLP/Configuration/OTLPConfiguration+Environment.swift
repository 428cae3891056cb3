extension OTLPConfiguration {
    /// Reads OpenTelemetry's standard variables. An empty one counts as none.
    ///
    /// | variable | |
    /// | --- | --- |
    /// | `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT` | as it is, and as the base of `v1/traces` |
    /// | `OTEL_TRACES_EXPORTER`, `OTEL_SDK_DISABLED` | `none` and `true` have no traces sent |
    /// | `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS` | `name=value,…`, with values percent-encoded |
    /// | `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL` | `http/json`, which is what is spoken, or `http/protobuf`, whose receivers take JSON as well |
    /// | `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`, `OTEL_EXPORTER_OTLP_TIMEOUT` | of one request, in milliseconds |
    /// | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` | the name, and `name=value,…` |
    /// | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | which traces, `parentbased_always_on` unless said |
    ///
    /// - Parameters:
    ///   - endpoint: An endpoint of all signals that was given otherwise; it goes before the variables.
    ///   - name: What it was given by, to begin a sentence with.
    ///   - serviceName: What the program is called where nothing else is said.
    ///   - instanceID: What this process is called where nothing else is said.
    ///   - environment: The variables.
    /// - Returns: `nil` where no traces are to be sent: there is no endpoint, whatever the other variables say, or they say so.
    /// - Throws: ``OTLPError``, which names the variable and never the value of a header.
    public static func read(
        endpoint: String? = nil, givenBy name: String = "The OTLP endpoint", serviceName: String, instanceID: String,
        from environment: [String: String]
    ) throws(OTLPError) -> OTLPConfiguration? {
        let variables = OTLPVariables(of: .traces, in: environment)
        guard let endpoint = try variables.endpoint(insteadOfVariables: endpoint, givenBy: name) else { return nil }
        try variables.requireProtocol()
        var configuration = OTLPConfiguration(
            endpoint: endpoint, resource: try variables.resource(serviceName: serviceName, instanceID: instanceID),
            headers: try variables.headers(), sampler: try variables.sampler())
        configuration.requestTimeout = try variables.timeout(configuration.requestTimeout)
        return configuration
    }
}
