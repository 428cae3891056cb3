import ArgumentParser
import CanoBridge
import CanoOTLP
import CanoRedis
import Logging
import Testing
import Tracing

@testable import CanoCLI

@Suite("Where traces and metrics are sent")
struct TelemetryOptionTests {
    private func destinations(_ arguments: [String], _ environment: [String: String] = [:]) throws -> TelemetryOptions.Destinations {
        try TelemetryOptions.parse(arguments).destinations(serviceName: "shop-bridge", in: environment)
    }

    private func configuration(_ arguments: [String], _ environment: [String: String] = [:]) throws -> OTLPConfiguration? {
        try destinations(arguments, environment).traces
    }

    @Test("is nowhere unless an option or a variable says")
    func nowhere() throws { #expect(try configuration([], ["OTEL_SERVICE_NAME": "shop"]) == nil) }

    @Test("is what the option says, and else what the variable says, under the program's name and an id of this process")
    func somewhere() throws {
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://variable"]
        let told = try #require(try configuration(["--otlp-endpoint", "http://option"], environment))
        #expect(try told.endpoint == OTLPEndpoint("http://option"))
        #expect(try configuration([], environment)?.endpoint == OTLPEndpoint("http://variable"))
        #expect(told.resource.attributes["service.name"] == "shop-bridge")
        let another = try #require(try configuration([], environment))
        #expect(told.resource.attributes["service.instance.id"] != another.resource.attributes["service.instance.id"])
    }

    @Test("is one place for both, under one id of this process, unless one of them is not to be sent")
    func both() throws {
        let both = try destinations(["--otlp-endpoint", "http://option"])
        #expect(both.traces?.endpoint == both.metrics?.endpoint && both.traces != nil)
        #expect(both.traces?.resource == both.metrics?.resource)
        let one = try destinations(["--otlp-endpoint", "http://option"], ["OTEL_METRICS_EXPORTER": "none"])
        #expect(one.traces != nil && one.metrics == nil)
    }

    @Test("is refused as any other argument is")
    func refused() {
        let error = #expect(throws: (any Error).self) { try TelemetryOptions.parse(["--otlp-endpoint", "tracing"]) }
        #expect(error.map(TelemetryOptions.message(for:))?.contains("Give a URL such as http://localhost:4318.") == true)
    }

    @Test("is left alone by an application that has a tracer of its own")
    func ownTracer() throws {
        var host = BridgeHost(
            BridgeConfiguration(redis: RedisConfiguration()), logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        host.tracer = NoOpTracer()
        #expect(host.tracing(to: try configuration(["--otlp-endpoint", "http://option"])) == nil)
        #expect(host.tracer is NoOpTracer)
    }
}
