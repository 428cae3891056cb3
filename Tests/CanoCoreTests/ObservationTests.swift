import CanoCore
import CanoPrimitives
import CanoTesting
import InMemoryLogging
import InMemoryTracing
import Logging
import Metrics
import MetricsTestKit
import Testing
import Tracing

@Suite(.timeLimit(.minutes(5))) struct ObservationTests {
    private let workflow = Workflow<Step>()
        .register(.first, name: "flaky", config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
            if context.attempt == 1 { throw Mishap() }
            return .second
        }
        .register(.second, name: "hopeless", config: .minimal) { _ in throw Hopeless() }
        .addExitState(.done)

    @Test("LoggingObserver: one line an event, at the level it deserves, with the run in it")
    func logging() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .debug
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(observers: [LoggingObserver(logger: logger)]))
        let lines = handler.entries.map { "\($0.level) \($0.message)" }
        #expect(
            lines == [
                "debug state entered", "debug task started", "warning task retried", "info task succeeded", "debug state entered",
                "debug task started", "error task failed",
            ])
        #expect(handler.entries.allSatisfy { $0.metadata["run"] == "r" })
    }

    @Test("LoggingObserver: an abandoned attempt is an error once, in the engine's own line")
    func abandonment() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .debug
        let (clock, gate) = (ManualClock(), Gate())
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .none, attemptTimeout: .seconds(1))) { _ in
            await gate.pass()
            return .done
        }
        let runtime = WorkflowRuntime(clock: clock, observers: [LoggingObserver(logger: logger)], logger: logger)
        _ = await caught { try await clock.skippingWaits { try await workflow.orchestrate(from: .first, as: "r", in: runtime) } }
        let lines = handler.entries.filter { "\($0.message)".contains("abandoned") }.map { "\($0.level) \($0.message)" }
        #expect(
            lines == [
                "error a task ignored its cancellation and was abandoned; what it does now has no effect on the run",
                "debug attempt abandoned",
            ])
        gate.open()
    }

    @Test("metrics: runs, tasks and attempts under their names, without being asked for")
    func engineMetrics() async throws {
        let metrics = TestMetrics()
        let runtime = withMetricsFactory(metrics) {
            WorkflowRuntime(checkpoints: InMemoryCheckpointStore(), observers: [MetricsObserver()])
        }
        _ = try? await workflow.orchestrate(from: .first, in: runtime)
        func count(_ name: String, _ dimensions: [(String, String)] = []) throws -> Int64 {
            try metrics.expectCounter(name, dimensions).totalValue
        }
        #expect(try count("cano_workflow_runs_total", [("outcome", "failed")]) == 1)
        #expect(try count("cano_task_attempts_total", [("outcome", "failed")]) == 2)
        #expect(try count("cano_task_attempts_total", [("outcome", "completed")]) == 1)
        #expect(try count("cano_checkpoint_appends_total", [("result", "ok")]) == 2)
        #expect(try count("cano_observed_task_runs_total", [("task", "hopeless"), ("outcome", "failed")]) == 1)
        #expect(try count("cano_state_enters_total", [("state", "first")]) == 1)
        #expect(try count("cano_task_retries_total", [("task", "flaky")]) == 1)
        #expect(try metrics.expectRecorder("cano_task_duration_seconds", [("state", "first"), ("kind", "single")]).values.count == 1)
        #expect(try metrics.expectMeter("cano_workflow_active").values.last == 0)
    }

    @Test("every metric is in the catalogue, with help, a unit and its labels")
    func catalogue() {
        #expect(Set(CanoMetrics.catalog.map(\.name)).count == CanoMetrics.catalog.count)
        for entry in CanoMetrics.catalog {
            #expect(entry.name.hasPrefix("cano_") && !entry.help.isEmpty)
            #expect((entry.unit == "seconds") == entry.name.hasSuffix("_seconds"))
            if entry.kind == .counter { #expect(entry.name.hasSuffix("_total")) }
        }
    }

    @Test("tracing: a span for the run and each task inside the caller's span, and a moment for each event")
    func tracing() async throws {
        let tracer = InMemoryTracer()
        var runtime = WorkflowRuntime(observers: [TracingObserver(tracer)])
        runtime.tracer = tracer
        let traced = runtime
        await tracer.withSpan("caller") { _ in _ = try? await workflow.orchestrate(from: .first, as: "r", in: traced) }
        let spans = tracer.finishedSpans
        let caller = try #require(spans.first { $0.operationName == "caller" })
        let run = try #require(spans.first { $0.operationName == "workflow_orchestrate" })
        let tasks = spans.filter { $0.operationName == "single_task_execution" }
        #expect(run.parentSpanID == caller.spanID)
        #expect(tasks.count == 2)
        #expect(tasks.allSatisfy { $0.parentSpanID == run.spanID })
        #expect(tasks.map(\.errors.count) == [0, 1])
        let loops = spans.filter { $0.operationName == "run_with_retries" }
        try #require(loops.count == 2 && tasks.count == 2)
        #expect(loops.map(\.parentSpanID) == tasks.map(\.spanID))
        #expect(loops.map { $0.attributes.get("cano.max_attempts") } == [.int64(2), .int64(1)])
        let retried = try #require(spans.first { $0.operationName == "cano.task.retried" })
        #expect(retried.parentSpanID == loops[0].spanID)
        let attempts = spans.filter { $0.operationName == "task_attempt" }
        #expect(attempts.map(\.parentSpanID) == [loops[0].spanID, loops[0].spanID, loops[1].spanID])
        #expect(attempts.map { $0.attributes.get("cano.attempt") } == [.int64(1), .int64(2), .int64(1)])
        #expect(attempts.map(\.errors.count) == [1, 0, 1])
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test("tracing: each branch of a split has a span inside the split's, and its attempts are inside it")
    func tracingBranches() async throws {
        let tracer = InMemoryTracer()
        var runtime = WorkflowRuntime()
        runtime.tracer = tracer
        let inside = Journal<String>()
        let workflow = Workflow<Step>()
            .registerSplit(
                .first,
                branches: (0..<3).map { index in
                    BranchOf { _ in inside.add((ServiceContext.current?.inMemorySpanContext?.spanID).map { "\(index) \($0)" } ?? "none") }
                }, then: .done
            )
            .addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        let spans = tracer.finishedSpans
        let split = try #require(spans.first { $0.operationName == "split_task_execution" })
        let branches = spans.filter { $0.operationName == "split_task" }
        #expect(branches.allSatisfy { $0.parentSpanID == split.spanID })
        for index in 0..<3 { #expect(branches.count { $0.attributes.get("cano.branch") == .int64(Int64(index)) } == 1) }
        let attempts = spans.filter { $0.operationName == "task_attempt" }
        #expect(Set(inside.entries.map { $0.split(separator: " ").last.map(String.init) }) == Set(attempts.map(\.spanID)))
    }

    @Test("tracing: a run that goes on elsewhere shows no error, and says why it ends here")
    func tracingHandBack() async throws {
        let (tracer, control) = (InMemoryTracer(), RunControl())
        var runtime = WorkflowRuntime()
        runtime.tracer = tracer
        let workflow = Workflow<Step>.single { _ in
            control.stop(.handBack)
            try await untilCancelled()
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        let spans = tracer.finishedSpans
        #expect(spans.allSatisfy { $0.errors.isEmpty && $0.status == nil })
        let outcomes = Dictionary(spans.map { ($0.operationName, $0.attributes.get("cano.outcome")) }) { $1 }
        #expect(
            outcomes == [
                "task_attempt": "stopped", "run_with_retries": "stopped", "single_task_execution": "relinquished",
                "workflow_orchestrate": "relinquished",
            ])
    }

    @Test("tracing: a run that is cancelled shows why, and its attempt, which was only stopped, does not")
    func tracingCancellation() async throws {
        let (tracer, control) = (InMemoryTracer(), RunControl())
        var runtime = WorkflowRuntime()
        runtime.tracer = tracer
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: "no longer wanted"))
            try await untilCancelled()
            return .done
        }
        await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        let failed = tracer.finishedSpans.filter { $0.status?.code == .error }
        #expect(Set(failed.map(\.operationName)) == ["single_task_execution", "workflow_orchestrate"])
        #expect(failed.allSatisfy { $0.status?.message?.contains("no longer wanted") == true && $0.errors.count == 1 })
    }

    @Test("observers are told in the order they were given")
    func order() async throws {
        struct Naming: WorkflowObserver {
            let name: String
            let journal: Journal<String>
            func workflow(_ run: RunID, did event: WorkflowEvent) { journal.add(name) }
        }
        let journal = Journal<String>()
        let runtime = WorkflowRuntime(observers: [Naming(name: "a", journal: journal), Naming(name: "b", journal: journal)])
        _ = try await workflow.orchestrate(from: .done, in: runtime)
        #expect(journal.entries == ["a", "b"])
    }
}
