import CanoBus
import CanoCore
import Tracing

extension TraceContext {
    /// Runs the body inside the span of the producer, as far as the instrument makes one of what the command carried.
    func within<Value>(_ instrument: any Instrument, _ body: () async throws -> Value) async throws -> Value {
        guard !parent.isEmpty else { return try await body() }
        var context = ServiceContext.topLevel
        instrument.extract(self, into: &context, using: FieldExtractor())
        return try await ServiceContext.$current.withValue(context) { try await body() }
    }

    private struct FieldExtractor: Extractor {
        func extract(key: String, from trace: TraceContext) -> String? {
            switch Field(rawValue: key) {
            case .traceparent: trace.parent
            case .tracestate: trace.state.isEmpty ? nil : trace.state
            default: nil
            }
        }
    }
}

extension WorkflowRuntime {
    /// What knows how a trace goes on: the runs' own tracer, or else the process's instrument.
    var instrument: any Instrument { tracer ?? InstrumentationSystem.instrument }
}
