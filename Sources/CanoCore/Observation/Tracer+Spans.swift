import Tracing

extension Tracer {
    /// Runs the body inside a span, which shows the error it throws. What the body traces itself is inside it too.
    func inSpan<Value, Failure: Error>(
        _ name: String, setting attributes: (inout SpanAttributes) -> Void, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let span = startAnySpan(name, context: ServiceContext.current ?? .topLevel, ofKind: .internal)
        span.updateAttributes(attributes)
        defer { span.end() }
        let result = await ServiceContext.$current.withValue(span.context) { () async -> Result<Value, Failure> in
            do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
        }
        if case .failure(let error) = result { span.show(TracedEnd(error)) }
        return try result.get()
    }
}

extension Span {
    /// Shows how it came to its end.
    func show(_ end: TracedEnd) {
        switch end {
        case .failed(let error):
            recordError(error)
            setStatus(SpanStatus(code: .error, message: (error as? CanoError)?.message ?? "\(error)"))
        case .left(let why):
            attributes["cano.outcome"] = why
        }
    }
}
