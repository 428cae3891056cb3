import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import CanoTesting
import InMemoryTracing
import Synchronization
import Testing
import Tracing

@testable import CanoBridge

@Suite("A run with a trace", .timeLimit(.minutes(5)))
struct TracedRunTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let producer = "b7ad6b7169203331"
    private static let parent = "00-\(trace)-\(producer)-01"

    private let tracer = W3CTracer()

    private struct Headers: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private func bridge(_ note: @escaping @Sendable ([String: String]) -> Void = { _ in }) throws -> ScriptedBridge {
        let tracer = tracer
        let bridge = try ScriptedBridge(
            ScriptedBridge.workflows(first: { _ in
                var headers: [String: String] = [:]
                if let context = ServiceContext.current { tracer.inject(context, into: &headers, using: Headers()) }
                note(headers)
                return .second
            }), tracer: tracer)
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        return bridge
    }

    private func start(_ trace: TraceContext, on bridge: ScriptedBridge) async throws {
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        _ = try await bridge.execution.start(
            StartCommand("w", run: "a", input: "7", trace: trace), try workflow.prepare("7"), of: workflow,
            entry: StreamEntryID(milliseconds: 5, sequence: 0), notBefore: nil)
    }

    private func span(_ name: String) throws -> FinishedInMemorySpan {
        try #require(tracer.spans.finishedSpans.first { $0.operationName == name })
    }

    @Test("is a child of its producer's span, and what its tasks call goes on with the trace")
    func child() async throws {
        let sent = Mutex<[String: String]>([:])
        try await start(TraceContext(parent: Self.parent), on: bridge { headers in sent.withLock { $0 = headers } })
        let run = try span("workflow_orchestrate")
        #expect(run.traceID == Self.trace && run.parentSpanID == Self.producer)
        let traced = try #require(sent.withLock { $0["traceparent"] })
        #expect(traced.contains(Self.trace) && !traced.contains(Self.producer))
        #expect(tracer.spans.finishedSpans.allSatisfy { $0.traceID == Self.trace })
    }

    @Test("stays in it when another bridge goes on with it")
    func takenOver() async throws {
        let bridge = try bridge()
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        let record = [
            "status", "running", "workflow", "w", "version", "1", "epoch", "2", "events", "4", "rows", "1", "input", "4", "traceparent",
            Self.parent,
        ].map { RESPValue.text($0) }
        let row = RowCodec.encode(CheckpointRow(sequence: 0, state: "first", task: "one", version: "1"))
        let reply = RESPValue.array([
            .text("claimed"), .text("takeover"), .array(record), .array([.text(row)]), .array([]), .array([]), .array([]),
        ])
        guard case .claimed(let run) = try ClaimAnswer(reply, about: "a") else { return #expect(Bool(false)) }
        await bridge.execution.resume(run, as: "a", of: workflow, askedAt: bridge.clock.now)?.untilOver()
        let resumed = try span("workflow_resume")
        #expect(resumed.traceID == Self.trace && resumed.parentSpanID == Self.producer)
    }

    @Test("begins a trace with its start where its command has none, and keeps it with the run")
    func own() async throws {
        let bridge = try bridge()
        try await start(TraceContext(), on: bridge)
        let (start, run) = (try span("workflow_start"), try span("workflow_orchestrate"))
        #expect(start.parentSpanID == nil && start.traceID != Self.trace && start.attributes.get("cano.run") == "a")
        #expect(run.parentSpanID == start.spanID && run.traceID == start.traceID)
        let accepted = try #require(bridge.redis.requests("accept").first)
        #expect(accepted.arguments.contains("00-\(start.traceID)-\(start.spanID)-01"))
    }

    @Test("has no trace where nothing is traced")
    func untraced() throws {
        let beginning = BeginningOfTrace(of: StartCommand("w", run: "a", input: "7"), by: nil)
        #expect(beginning.trace == TraceContext())
    }
}
