import CanoBus
import Tracing

/// The trace of a run that begins: its producer's, or else one that begins here, with a span of its own.
///
/// It is kept with the run, so that whatever follows is in one trace: the parts of the run on whichever bridges, its children and its workers.
struct BeginningOfTrace {
    /// What the run goes on with; empty where nothing is traced.
    let trace: TraceContext
    /// The span that the trace begins with; `nil` where the producer has begun it.
    private let span: (any Span)?

    init(of command: StartCommand, by tracer: (any Tracer)?) {
        guard command.trace.parent.isEmpty, let tracer else {
            (trace, span) = (command.trace, nil)
            return
        }
        let span = tracer.startAnySpan("workflow_start", context: .topLevel, ofKind: .consumer)
        span.updateAttributes {
            $0["cano.run"] = command.run
            $0["cano.workflow"] = command.workflow
        }
        var fields: [String: String] = [:]
        tracer.inject(span.context, into: &fields, using: FieldInjector())
        trace = TraceContext(parent: fields[Field.traceparent.rawValue], state: fields[Field.tracestate.rawValue])
        self.span = span
    }

    /// Runs what takes the start, inside the span.
    func during<Value>(_ body: () async throws -> Value) async throws -> Value {
        defer { span?.end() }
        return try await body()
    }

    private struct FieldInjector: Injector {
        func inject(_ value: String, forKey key: String, into fields: inout [String: String]) { fields[key] = value }
    }
}
