import CanoCore
import CanoPrimitives
import CanoTelemetry
import CanoTesting
import Hummingbird
import Logging
import Metrics
import ServiceLifecycle
import Testing

@testable import CanoOTLP

@Suite("An exporter of metrics", .timeLimit(.minutes(5)))
struct OTLPMetricsExporterTests {
    private let clock = ManualClock()
    private let receiver = Receiver()
    private let registry = MetricsRegistry(describing: [])

    private func instant(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    /// Runs an exporter with an interval of a minute until the body has returned and it has stopped.
    private func exporting(
        to endpoint: String? = nil, _ body: @escaping @Sendable (ServiceGroup) async throws -> Void
    ) async throws {
        let run: @Sendable (String) async throws -> Void = { [clock, registry] address in
            let configuration = OTLPMetricsConfiguration(
                endpoint: try OTLPEndpoint(address), resource: OTLPResource(serviceName: "tests"), headers: ["authorization": "Basic YTpi"])
            var quiet = Logger(label: "exporter")
            quiet.logLevel = .critical
            let exporter = OTLPMetricsExporter(configuration, of: registry, clock: clock, random: .always(0), logger: quiet)
            let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [exporter], logger: quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await body(group)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
        if let endpoint { return try await run(endpoint) }
        try await receiver.listening(run)
    }

    private func count() { Counter(label: "done", factory: registry).increment() }

    /// What the requests until now say was done.
    private var told: [String] {
        get throws { try receiver.requests.map { try $0.sum(of: "done_total") } }
    }

    @Test("posts all that was counted since the beginning, each time its interval is over")
    func periods() async throws {
        try await exporting { [self] _ in
            for second in [60, 120] as [Int64] {
                count()
                await clock.waitForSleeper(until: instant(second))
                #expect(receiver.requests.count == Int(second / 60) - 1)
                clock.advance(by: .seconds(60))
                try await eventually { receiver.requests.count == Int(second / 60) }
            }
            let request = try #require(receiver.requests.first)
            #expect(request.path == "/v1/metrics" && request.headers[.contentType] == "application/json")
            #expect(request.headers[.authorization] == "Basic YTpi")
            #expect(try told == ["1", "2"])
        }
    }

    @Test("posts the same again to a receiver that is busy, after a pause that the receiver may choose")
    func retrying() async throws {
        receiver.answer(.busy, Receiver.Answer(status: .tooManyRequests, headers: [.retryAfter: "7"]))
        try await exporting { [self] _ in
            count()
            await clock.waitForSleeper(until: instant(60))
            clock.advance(by: .seconds(60))
            await clock.waitForSleeper(until: instant(61))
            count()
            clock.advance(by: .seconds(1))
            await clock.waitForSleeper(until: instant(68))
            clock.advance(by: .seconds(7))
            try await eventually { receiver.requests.count == 3 }
            #expect(Set(receiver.requests.map(\.body)).count == 1)
            #expect(try told == ["1", "1", "1"])
        }
        #expect(try told == ["1", "1", "1", "2"], "and at the end what came meanwhile")
    }

    @Test("lets the next one take the place of one that no receiver took in time")
    func replacing() async throws {
        receiver.answer(Receiver.Answer(status: .serviceUnavailable, headers: [.retryAfter: "90"]))
        try await exporting { [self] _ in
            count()
            await clock.waitForSleeper(until: instant(60))
            clock.advance(by: .seconds(60))
            await clock.waitForSleeper(until: instant(120))
            count()
            clock.advance(by: .seconds(60))
            try await eventually { receiver.requests.count == 2 }
            #expect(try told == ["1", "2"])
        }
    }

    @Test("goes on after what the receiver refuses")
    func refused() async throws {
        receiver.answer(Receiver.Answer(status: .notFound))
        try await exporting { [self] _ in
            count()
            for second in [60, 120] as [Int64] {
                await clock.waitForSleeper(until: instant(second))
                clock.advance(by: .seconds(60))
            }
            try await eventually { receiver.requests.count == 2 }
        }
    }

    @Test("posts what was counted last when it is told to stop, without waiting for its time")
    func flushing() async throws {
        try await exporting { [self] _ in count() }
        #expect(try told == ["1"])
    }

    @Test("ends when its time to stop is over, whatever the receiver does", arguments: [true, false])
    func boundedFlush(isThere: Bool) async throws {
        receiver.answer(then: .busy)
        // Nothing listens on the first port.
        try await exporting(to: isThere ? nil : "http://127.0.0.1:1") { [self] group in
            await clock.waitForSleeper(until: instant(60))
            await group.triggerGracefulShutdown()
            await clock.waitForSleeper(until: instant(3))
            clock.advance(by: .seconds(3))
            try await eventually { clock.sleeperCount == 0 }
        }
    }
}
