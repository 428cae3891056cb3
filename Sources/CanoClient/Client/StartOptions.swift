public import CanoBus
import CanoPrimitives
import Tracing

/// What a start may say besides its workflow, its input and its id.
public struct StartOptions: Sendable, Hashable {
    /// When a run that is not to start at once is to start.
    public enum Beginning: Sendable, Hashable {
        /// Not before this moment: milliseconds since 1970.
        case at(Int64)
        /// Not before so long after it was published.
        case after(Duration)
    }

    /// When the run is to start; nil for at once.
    public var beginning: Beginning?
    /// From then on the start is rejected as expired: milliseconds since 1970; nil for never.
    public var expiresAt: Int64?
    /// How long the run may take once it has started; nil for as long as it wants.
    public var timeout: Duration?
    /// What the run can be found by; see ``BusClient/runs(_:after:count:)``.
    public var attributes: RunAttributes

    /// Creates options.
    public init(
        beginning: Beginning? = nil, expiresAt: Int64? = nil, timeout: Duration? = nil, attributes: RunAttributes = .empty
    ) {
        self.beginning = beginning
        self.expiresAt = expiresAt
        self.timeout = timeout
        self.attributes = attributes
    }
}

extension StartCommand {
    init(_ workflow: String, run: String, version: String?, input: String, options: StartOptions, replyName: String?) {
        let start: StartTime? =
            switch options.beginning {
            case .at(let moment): .at(moment)
            case .after(let delay): .after(delay.wholeMilliseconds)
            case nil: nil
            }
        self.init(
            workflow, run: run, version: version, input: input, attributes: options.attributes, replyName: replyName,
            expiresAt: options.expiresAt, start: start, timeout: options.timeout?.wholeMilliseconds, trace: .current)
    }

    /// The same, with its answers on that stream.
    func answering(to replyName: String) -> StartCommand {
        StartCommand(
            workflow, run: run, version: version, input: input, attributes: attributes, replyName: replyName, expiresAt: expiresAt,
            start: start, timeout: timeout, schedule: schedule, trace: trace)
    }
}

extension TraceContext {
    /// The span this is called in, as the process's tracer hands it on; nothing without one.
    static var current: TraceContext { current(by: InstrumentationSystem.instrument) }

    static func current(by instrument: some Instrument) -> TraceContext {
        guard let context = ServiceContext.current else { return TraceContext() }
        var headers: [String: String] = [:]
        instrument.inject(context, into: &headers, using: HeaderInjector())
        return TraceContext(parent: headers[Field.traceparent.rawValue], state: headers[Field.tracestate.rawValue])
    }
}

private struct HeaderInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}
