/// Where the ids of traces and spans come from.
struct IDSource: Sendable {
    private let draw: @Sendable () -> UInt64

    /// Creates a source from a function that answers numbers spread evenly over all that 64 bits hold. It is called from any thread.
    init(_ draw: @escaping @Sendable () -> UInt64) { self.draw = draw }

    /// The random numbers of the system.
    static let system = IDSource { UInt64.random(in: .min ... .max) }

    /// The id of a new trace.
    func traceID() -> TraceID {
        while true {
            if let id = TraceID(high: draw(), low: draw()) { return id }
        }
    }

    /// The id of a new span.
    func spanID() -> SpanID {
        while true {
            if let id = SpanID(draw()) { return id }
        }
    }
}
