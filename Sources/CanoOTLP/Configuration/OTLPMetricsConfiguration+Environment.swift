extension OTLPMetricsConfiguration {
    /// Reads OpenTelemetry's standard variables. An empty one counts as none.
    ///
    /// | variable | |
    /// | --- | --- |
    /// | `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT` | as it is, and as the base of `v1/metrics` |
    /// | `OTEL_METRICS_EXPORTER`, `OTEL_SDK_DISABLED` | `none`, or `prometheus`, and `true` have no metrics sent |
    /// | `OTEL_METRIC_EXPORT_INTERVAL` | from one export to the next, in milliseconds: 60000 unless said |
    /// | `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` | `cumulative`, which is what sums are |
    /// | `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION` | `explicit_bucket_histogram`, which is what histograms are |
    ///
    /// Headers, the protocol, the timeout and the resource are those of ``OTLPConfiguration/read(endpoint:givenBy:serviceName:instanceID:from:)``,
    /// with `METRICS` in the names in place of `TRACES`.
    ///
    /// - Parameters:
    ///   - endpoint: An endpoint of all signals that was given otherwise; it goes before the variables.
    ///   - name: What it was given by, to begin a sentence with.
    ///   - serviceName: What the program is called where nothing else is said.
    ///   - instanceID: What this process is called where nothing else is said.
    ///   - environment: The variables.
    /// - Returns: `nil` where no metrics are to be sent: there is no endpoint, whatever the other variables say, or they say so.
    /// - Throws: ``OTLPError``, which names the variable and never the value of a header.
    public static func read(
        endpoint: String? = nil, givenBy name: String = "The OTLP endpoint", serviceName: String, instanceID: String,
        from environment: [String: String]
    ) throws(OTLPError) -> OTLPMetricsConfiguration? {
        let variables = OTLPVariables(of: .metrics, in: environment)
        guard let endpoint = try variables.endpoint(insteadOfVariables: endpoint, givenBy: name) else { return nil }
        try variables.requireProtocol()
        try variables.requireStandardForms()
        var configuration = OTLPMetricsConfiguration(
            endpoint: endpoint, resource: try variables.resource(serviceName: serviceName, instanceID: instanceID),
            headers: try variables.headers())
        configuration.requestTimeout = try variables.timeout(configuration.requestTimeout)
        configuration.interval = try variables.interval(configuration.interval)
        return configuration
    }
}
