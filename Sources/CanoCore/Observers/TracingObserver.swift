public import Tracing

/// Traces every event as a moment: a span without length, inside whatever span the run is in.
///
/// The engine's own spans, of runs and tasks, need no observer: see ``WorkflowRuntime/tracer``.
public struct TracingObserver: WorkflowObserver {
    private let tracer: any Tracer

    /// Creates an observer; `nil` traces to what the process was bootstrapped with.
    public init(_ tracer: (any Tracer)? = nil) { self.tracer = tracer ?? InstrumentationSystem.tracer }

    /// Traces the event.
    public func workflow(_ run: RunID, did event: WorkflowEvent) {
        let moment = TracedMoment(event)
        let span = tracer.startAnySpan(moment.name, context: ServiceContext.current ?? .topLevel, ofKind: .internal)
        span.attributes["cano.run"] = "\(run)"
        for (key, value) in moment.attributes { span.attributes[key] = value }
        if let error = moment.error {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: error.message))
        }
        span.end()
    }
}

/// An event as a span.
private struct TracedMoment {
    let name: String
    var attributes: [(String, String)] = []
    var error: CanoError?

    init(_ event: WorkflowEvent) {
        switch event {
        case .stateEntered(let state, _): (name, attributes) = ("cano.state.entered", [("cano.state", state)])
        case .taskStarted(let state, let task): (name, attributes) = ("cano.task.started", [("cano.state", state), ("cano.task", task)])
        case .taskSucceeded(let state, let task):
            (name, attributes) = ("cano.task.succeeded", [("cano.state", state), ("cano.task", task)])
        case .taskFailed(let state, let task, let failure):
            (name, attributes, error) = ("cano.task.failed", [("cano.state", state), ("cano.task", task)], failure)
        case .taskRetried(let state, let task, let attempt, let delay, let failure):
            (name, attributes, error) = (
                "cano.task.retried",
                [("cano.state", state), ("cano.task", task), ("cano.attempt", "\(attempt)"), ("cano.delay", "\(delay)")], failure
            )
        case .waiting(let state, let task, let signals, let until):
            (name, attributes) = (
                "cano.waiting",
                [
                    ("cano.state", state), ("cano.task", task), ("cano.signals", signals.joined(separator: " ")),
                    ("cano.until", until.map { "\($0)" } ?? ""),
                ]
            )
        case .itemRetried(let state, let task, let item, let attempt, let delay, let failure):
            (name, attributes, error) = (
                "cano.item.retried",
                [
                    ("cano.state", state), ("cano.task", task), ("cano.item", "\(item)"), ("cano.attempt", "\(attempt)"),
                    ("cano.delay", "\(delay)"),
                ], failure
            )
        case .itemFailed(let state, let task, let item, let failure):
            (name, attributes, error) = (
                "cano.item.failed", [("cano.state", state), ("cano.task", task), ("cano.item", "\(item)")], failure
            )
        case .circuitOpened(let state, let task): (name, attributes) = ("cano.circuit.open", [("cano.state", state), ("cano.task", task)])
        case .checkpointWritten(let sequence, let kind):
            (name, attributes) = ("cano.checkpoint.written", [("cano.sequence", "\(sequence)"), ("cano.kind", kind.rawValue)])
        case .resumed(let sequence, let state):
            (name, attributes) = ("cano.run.resumed", [("cano.sequence", "\(sequence)"), ("cano.state", state)])
        case .timedOut(let elapsed, let limit):
            (name, attributes) = ("cano.run.timed_out", [("cano.elapsed", "\(elapsed)"), ("cano.limit", "\(limit)")])
        case .cancelled(let state, let reason):
            (name, attributes) = ("cano.run.cancelled", [("cano.state", state), ("cano.reason", reason ?? "")])
        case .checkpointClearFailed(let failure): (name, error) = ("cano.checkpoint.clear_failed", failure)
        case .unknownResumeState(let sequence, let label):
            (name, attributes) = ("cano.resume.unknown_state", [("cano.sequence", "\(sequence)"), ("cano.state", label)])
        case .compensationStarted(let task): (name, attributes) = ("cano.compensation.started", [("cano.task", task)])
        case .compensationSucceeded(let task): (name, attributes) = ("cano.compensation.succeeded", [("cano.task", task)])
        case .compensationFailed(let task, let failure):
            (name, attributes, error) = ("cano.compensation.failed", [("cano.task", task)], failure)
        case .attemptAbandoned(let state, let task):
            (name, attributes) = ("cano.attempt.abandoned", [("cano.state", state), ("cano.task", task)])
        }
    }
}
