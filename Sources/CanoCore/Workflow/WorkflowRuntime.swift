public import Logging
public import Tracing

/// What runs need from their surroundings: time, chance, a log of checkpoints, observers.
///
/// A value to be made once and copied: copies share one queue of deadlines, so a host gives each run a copy with that
/// run's ``checkpoints`` and ``observers``.
public struct WorkflowRuntime: Sendable {
    /// The clock of every timeout, pause and measurement.
    public var clock: any EngineClock {
        didSet { deadlines = DeadlineQueue(clock: clock) }
    }
    /// Where logs are kept; `nil` keeps none, and runs end with the process.
    public var checkpoints: (any CheckpointStore)?
    /// Who is told what happens, in this order.
    public var observers: [any WorkflowObserver]
    /// What tasks log with; the engine itself logs only what it cannot throw.
    public var logger: Logger
    /// Where the jitter of retries comes from.
    public var random: RandomSource
    /// Makes a span of each run and each task, inside the span the caller is in; `nil` makes none. What the process was
    /// bootstrapped with, unless that is nothing.
    public var tracer: (any Tracer)?
    private(set) var deadlines: DeadlineQueue
    let metrics = EngineMetrics.current()

    /// Creates a runtime.
    public init(
        clock: any EngineClock = SystemClock(), checkpoints: (any CheckpointStore)? = nil, observers: [any WorkflowObserver] = [],
        logger: Logger = Logger(label: "cano"), random: RandomSource = .system
    ) {
        self.clock = clock
        self.checkpoints = checkpoints
        self.observers = observers
        self.logger = logger
        self.random = random
        deadlines = DeadlineQueue(clock: clock)
        let bootstrapped = InstrumentationSystem.tracer
        tracer = bootstrapped is NoOpTracer ? nil : bootstrapped
    }
}
