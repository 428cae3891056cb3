import CanoCore
import CanoTesting
import Hummingbird
import Logging
import ServiceLifecycle
import Testing
import Tracing

@testable import CanoOTLP

@Suite("An exporter of traces", .timeLimit(.minutes(5)))
struct OTLPExporterTests {
    private let clock = ManualClock()
    private let receiver = Receiver()

    private func instant(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    /// Runs an exporter until the body has returned and it has stopped.
    private func exporting(
        to endpoint: String? = nil, _ body: @escaping @Sendable (OTLPExporter, ServiceGroup) async throws -> Void
    ) async throws {
        let clock = clock
        let run: @Sendable (String) async throws -> Void = { address in
            var configuration = OTLPConfiguration(
                endpoint: try OTLPEndpoint(address), resource: OTLPResource(serviceName: "tests"), headers: ["authorization": "Basic YTpi"])
            (configuration.capacity, configuration.batchSize) = (3, 2)
            var quiet = Logger(label: "exporter")
            quiet.logLevel = .critical
            let numbers = NumberSequence()
            let exporter = OTLPExporter(
                configuration, ids: IDSource { numbers.next() }, clock: clock, random: .always(0), logger: quiet)
            let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [exporter], logger: quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await body(exporter, group)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
        if let endpoint { return try await run(endpoint) }
        try await receiver.listening(run)
    }

    /// Waits until the exporter, after so many requests, pauses until that second before the next one.
    private func pausing(until second: Int64, after requests: Int) async throws {
        // Only then is it this pause: a batch that is not full yet waits for a second too.
        try await eventually { receiver.requests.count == requests }
        await clock.waitForSleeper(until: instant(second))
    }

    private func end(_ names: String..., by exporter: OTLPExporter) {
        for name in names { exporter.tracer.withSpan(name, context: .topLevel) { _ in } }
    }

    @Test("posts a batch as soon as it is full, with its headers")
    func fullBatch() async throws {
        try await exporting { [self] exporter, _ in
            end("a", "b", by: exporter)
            try await eventually { receiver.requests.count == 1 && exporter.statistics.exported == 2 }
            let request = try #require(receiver.requests.first)
            let spans = try request.spans
            #expect(request.path == "/v1/traces" && spans == ["a", "b"])
            #expect(request.headers[.contentType] == "application/json" && request.headers[.authorization] == "Basic YTpi")
            // It makes no span of its own.
            #expect(exporter.statistics == OTLPExporter.Statistics(exported: 2))
        }
    }

    @Test("posts what has waited for a second, full or not")
    func dueBatch() async throws {
        try await exporting { [self] exporter, _ in
            end("a", by: exporter)
            await clock.waitForSleeper(until: instant(1))
            #expect(receiver.requests.isEmpty && exporter.statistics.waiting == 1)
            clock.advance(by: .seconds(1))
            try await eventually { exporter.statistics.exported == 1 }
        }
    }

    @Test("posts the same again to a receiver that is busy, after a pause that the receiver may choose, and loses nothing")
    func retrying() async throws {
        let chosen = Receiver.Answer(status: .tooManyRequests, headers: [.retryAfter: "7"])
        receiver.answer(.busy, chosen)
        try await exporting { [self] exporter, _ in
            end("a", "b", by: exporter)
            try await pausing(until: 1, after: 1)
            clock.advance(by: .seconds(1))
            try await pausing(until: 8, after: 2)
            clock.advance(by: .seconds(7))
            try await eventually { exporter.statistics.exported == 2 }
            let requests = receiver.requests
            #expect(requests.count == 3 && Set(requests.map(\.body)).count == 1)
            #expect(exporter.statistics == OTLPExporter.Statistics(exported: 2))
        }
    }

    @Test("keeps as many spans as there is room for while the receiver is busy, and drops and counts the others")
    func overflowing() async throws {
        receiver.answer(then: .busy)
        try await exporting { [self] exporter, _ in
            end("a", "b", by: exporter)
            try await pausing(until: 1, after: 1)
            // Two are in hand by now, and three find room.
            end("c", "d", "e", "f", "g", by: exporter)
            #expect(exporter.statistics == OTLPExporter.Statistics(waiting: 5, dropped: 2))
            receiver.answer()
            clock.advance(by: .seconds(1))
            // The last is alone in its batch, and waits for its time.
            try await eventually {
                if exporter.statistics.exported == 4 { clock.advance(by: .seconds(1)) }
                return exporter.statistics.exported == 5
            }
            #expect(try receiver.requests.dropFirst().flatMap { try $0.spans } == ["a", "b", "c", "d", "e"])
        }
    }

    @Test("gives up what the receiver refuses, counts it, and goes on with the next batch")
    func refused() async throws {
        receiver.answer(Receiver.Answer(status: .badRequest))
        try await exporting { [self] exporter, _ in
            end("a", "b", by: exporter)
            try await eventually { exporter.statistics.rejected == 2 }
            end("c", "d", by: exporter)
            try await eventually { exporter.statistics.exported == 2 }
            #expect(receiver.requests.count == 2)
        }
    }

    @Test("counts what the receiver takes only in part")
    func partialSuccess() async throws {
        receiver.answer(Receiver.Answer(status: .ok, body: #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}"#))
        try await exporting { [self] exporter, _ in
            end("a", "b", by: exporter)
            try await eventually { exporter.statistics == OTLPExporter.Statistics(exported: 1, rejected: 1) }
        }
    }

    @Test("posts what is left when it is told to stop, without waiting for its time")
    func flushing() async throws {
        try await exporting { [self] exporter, _ in end("a", by: exporter) }
        #expect(try receiver.requests.flatMap { try $0.spans } == ["a"])
    }

    @Test("ends when its time to stop is over, whatever the receiver does, and counts what is lost", arguments: [true, false])
    func boundedFlush(isThere: Bool) async throws {
        receiver.answer(then: .busy)
        // Nothing listens on the first port.
        try await exporting(to: isThere ? nil : "http://127.0.0.1:1") { [self] exporter, group in
            end("a", "b", "c", by: exporter)
            await clock.waitForSleeper(until: instant(1))
            await group.triggerGracefulShutdown()
            await clock.waitForSleeper(until: instant(3))
            clock.advance(by: .seconds(3))
            try await eventually { clock.sleeperCount == 0 }
            #expect(exporter.statistics == OTLPExporter.Statistics(waiting: 3))
        }
    }

    @Test("tries at once what it has paused for, when it is told to stop")
    func endOfPause() async throws {
        receiver.answer(.busy)
        try await exporting { [self] exporter, _ in
            end("a", "b", by: exporter)
            try await pausing(until: 1, after: 1)
        }
        #expect(receiver.requests.count == 2)
    }
}
