import Testing

@testable import CanoOTLP

@Suite("The settings of an export of metrics")
struct OTLPMetricsConfigurationTests {
    private func read(_ environment: [String: String], endpoint: String? = nil) throws -> OTLPMetricsConfiguration? {
        try OTLPMetricsConfiguration.read(
            endpoint: endpoint, givenBy: "--otlp-endpoint", serviceName: "program", instanceID: "i", from: environment)
    }

    @Test(
        "name the endpoint, and whether there is to be one",
        arguments: [
            (nil, [:], nil), (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t"], nil),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/metrics"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://m/in"], "http://m/in"),
            ("http://o", ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://m/in"], "http://o/v1/metrics"),
            ("http://o", ["OTEL_METRICS_EXPORTER": "none"], nil), ("http://o", ["OTEL_METRICS_EXPORTER": "prometheus"], nil),
            ("http://o", ["OTEL_METRICS_EXPORTER": "prometheus, otlp"], "http://o/v1/metrics"),
            ("http://o", ["OTEL_SDK_DISABLED": "TRUE"], nil), ("http://o", ["OTEL_SDK_DISABLED": "no"], "http://o/v1/metrics"),
            ("http://o", ["OTEL_TRACES_EXPORTER": "none"], "http://o/v1/metrics"),
        ] as [(String?, [String: String], String?)])
    func endpoint(option: String?, environment: [String: String], expected: String?) throws {
        #expect(try read(environment, endpoint: option)?.endpoint.url(of: .metrics) == expected)
    }

    @Test("have times, headers and a resource of their own")
    func others() throws {
        let standard = try #require(try read([:], endpoint: "http://c"))
        #expect(standard.interval == .seconds(60) && standard.requestTimeout == .seconds(10) && standard.headers.isEmpty)
        let told = try #require(
            try read(
                [
                    "OTEL_METRIC_EXPORT_INTERVAL": "500", "OTEL_EXPORTER_OTLP_TIMEOUT": "2000", "OTEL_SERVICE_NAME": "shop",
                    "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "a=b", "OTEL_EXPORTER_OTLP_HEADERS": "c=d",
                    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "Cumulative",
                ], endpoint: "http://c"))
        #expect(told.interval == .milliseconds(500) && told.requestTimeout == .seconds(2) && told.headers == ["a": "b"])
        #expect(told.resource.attributes == ["service.name": "shop", "service.instance.id": "i"])
    }

    @Test(
        "are refused with what to give instead",
        arguments: [
            (["OTEL_METRICS_EXPORTER": "console"], "OTEL_METRICS_EXPORTER", "none"),
            (["OTEL_METRIC_EXPORT_INTERVAL": "0"], "OTEL_METRIC_EXPORT_INTERVAL", "from 1 to 86400000"),
            (["OTEL_METRIC_EXPORT_INTERVAL": "1m"], "OTEL_METRIC_EXPORT_INTERVAL", "milliseconds"),
            (["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"], "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json"),
            (["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta"], "TEMPORALITY_PREFERENCE", "cumulative"),
            (
                ["OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "base2_exponential_bucket_histogram"],
                "DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram"
            ),
        ] as [([String: String], String, String)])
    func refusing(environment: [String: String], source: String, advice: String) {
        let error = #expect(throws: OTLPError.self) { try read(environment, endpoint: "http://c") }
        #expect(error?.message.contains(source) == true && error?.message.contains(advice) == true)
    }
}
