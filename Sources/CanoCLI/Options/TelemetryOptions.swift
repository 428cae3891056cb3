import ArgumentParser
import CanoOTLP
import Foundation

/// Where the spans of runs, and metrics, are sent to.
struct TelemetryOptions: ParsableArguments {
    // No default of its own, for it may come from the environment.
    @Option(
        name: .customLong("otlp-endpoint"),
        help: ArgumentHelp(
            """
            Where traces and metrics are sent by OTLP over HTTP, such as http://127.0.0.1:4318. (default: OTEL_EXPORTER_OTLP_ENDPOINT, else \
            nowhere)
            """))
    var endpoint: String?

    /// What is sent, and where to.
    struct Destinations: Sendable {
        /// Nil where no traces are sent.
        let traces: OTLPConfiguration?
        /// Nil where no metrics are sent.
        let metrics: OTLPMetricsConfiguration?
    }

    func validate() throws {
        do { _ = try destinations(serviceName: "") } catch { throw ValidationError(error.message) }
    }

    /// Where they are sent, as the option and OpenTelemetry's variables say.
    ///
    /// - Parameters:
    ///   - serviceName: What the program is called where no variable says.
    ///   - environment: The variables of the process.
    /// - Returns: What is read.
    /// - Throws: ``OTLPError``, which says what to give instead.
    func destinations(
        serviceName: String, in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(OTLPError) -> Destinations {
        // What both say of this process.
        let (name, instance) = ("--otlp-endpoint", UUID().uuidString.lowercased())
        return Destinations(
            traces: try .read(endpoint: endpoint, givenBy: name, serviceName: serviceName, instanceID: instance, from: environment),
            metrics: try .read(endpoint: endpoint, givenBy: name, serviceName: serviceName, instanceID: instance, from: environment))
    }
}
