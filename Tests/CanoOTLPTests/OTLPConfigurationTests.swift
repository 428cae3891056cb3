import Testing

@testable import CanoOTLP

@Suite("The settings of an export")
struct OTLPConfigurationTests {
    private func read(_ environment: [String: String], endpoint: String? = nil) throws -> OTLPConfiguration? {
        try OTLPConfiguration.read(
            endpoint: endpoint, givenBy: "--otlp-endpoint", serviceName: "program", instanceID: "i", from: environment)
    }

    @Test(
        "name the endpoint",
        arguments: [
            (nil, [:], nil), (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": ""], nil), (nil, ["OTEL_TRACES_SAMPLER": "nonsense"], nil),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp/"], "https://c/otlp/v1/traces"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:4318/?a=b"], "http://[::1]:4318/v1/traces?a=b"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/in"], "http://t/in"),
            (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t:1"], "http://t:1/"),
            (nil, ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://m"], nil), ("http://o", ["OTEL_TRACES_EXPORTER": "none"], nil),
            ("http://o", ["OTEL_SDK_DISABLED": "true"], nil),
            ("http://o", ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/in"], "http://o/v1/traces"),
        ] as [(String?, [String: String], String?)])
    func endpoint(option: String?, environment: [String: String], expected: String?) throws {
        #expect(try read(environment, endpoint: option)?.endpoint.url(of: .traces) == expected)
    }

    @Test(
        "are refused with where they came from and what to give instead",
        arguments: [
            ("localhost:4318", [:], "--otlp-endpoint", "http://localhost:4318"), ("", [:], "--otlp-endpoint", "http://localhost:4318"),
            ("grpc://c:4317", [:], "--otlp-endpoint", "http://localhost:4318"),
            ("http://", [:], "--otlp-endpoint", "http://localhost:4318"),
            ("http://me:secret@c", [:], "--otlp-endpoint", "OTEL_EXPORTER_OTLP_HEADERS"),
            (nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "nowhere"], "OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
            (nil, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "nowhere"], "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4318"),
            ("http://c", ["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"], "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("http://c", ["OTEL_EXPORTER_OTLP_HEADERS": "secret"], "OTEL_EXPORTER_OTLP_HEADERS", "name=value"),
            ("http://c", ["OTEL_EXPORTER_OTLP_HEADERS": "a b=secret"], "OTEL_EXPORTER_OTLP_HEADERS", "name=value"),
            ("http://c", ["OTEL_EXPORTER_OTLP_HEADERS": "a=secret%0d%0ax: y"], "OTEL_EXPORTER_OTLP_HEADERS", "name=value"),
            ("http://c", ["OTEL_RESOURCE_ATTRIBUTES": "team"], "OTEL_RESOURCE_ATTRIBUTES", "name=value"),
            ("http://c", ["OTEL_RESOURCE_ATTRIBUTES": "team=%ff"], "OTEL_RESOURCE_ATTRIBUTES", "name=value"),
            ("http://c", ["OTEL_TRACES_SAMPLER": "often"], "OTEL_TRACES_SAMPLER", "always_on"),
            ("http://c", ["OTEL_TRACES_EXPORTER": "otlp, zipkin"], "OTEL_TRACES_EXPORTER", "otlp"),
            ("http://c", ["OTEL_EXPORTER_OTLP_TIMEOUT": "10s"], "OTEL_EXPORTER_OTLP_TIMEOUT", "milliseconds"),
        ] as [(String?, [String: String], String, String)])
    func refusing(option: String?, environment: [String: String], source: String, advice: String) {
        let error = #expect(throws: OTLPError.self) { try read(environment, endpoint: option) }
        #expect(error?.message.contains(source) == true && error?.message.contains(advice) == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("say what the program is called, from the most particular to the program's own name")
    func resource() throws {
        func attributes(_ environment: [String: String]) throws -> [String: String]? {
            try read(environment, endpoint: "http://c")?.resource.attributes
        }
        #expect(try attributes([:]) == ["service.name": "program", "service.instance.id": "i"])
        let given = ["OTEL_RESOURCE_ATTRIBUTES": "service.name=a,service.instance.id=b, team = t%2Cu "]
        #expect(try attributes(given) == ["service.name": "a", "service.instance.id": "b", "team": "t,u"])
        #expect(try attributes(given.merging(["OTEL_SERVICE_NAME": "n"]) { $1 })?["service.name"] == "n")
    }

    @Test("have headers, those of traces before those of all signals, and a sampler")
    func headersAndSampler() throws {
        let all = ["OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20YTpi=,x=1,", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"]
        #expect(try read(all, endpoint: "http://c")?.headers == ["authorization": "Basic YTpi=", "x": "1"])
        #expect(try read(all.merging(["OTEL_EXPORTER_OTLP_TRACES_HEADERS": "y=2"]) { $1 }, endpoint: "http://c")?.headers == ["y": "2"])
        #expect(try read([:], endpoint: "http://c")?.sampler == .standard)
        let ratio = ["OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"]
        #expect(try read(ratio, endpoint: "http://c")?.sampler == .ratio(ofNewTraces: 0.5))
        #expect(try read(["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "250"], endpoint: "http://c")?.requestTimeout == .milliseconds(250))
    }
}
