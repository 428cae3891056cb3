public import Logging
public import Tracing

/// What runs need from their surroundings: time, chance, a log of checkpoints, observers.
///
/// A value to be made once and copied: copies share one queue of deadlines, so a host gives each run a copy with that
/// run's ``checkpoints`` and ``observers``.
public struct WorkflowRuntime: Sendable {
    /// Shared by copies until one of them is changed: runs hand their runtime around a lot.
    @usableFromInline final class Content: Sendable {
        let clock: any EngineClock
        let checkpointLog: (any CheckpointLog)?
        /// The same where it is called: to unwrap an existential copies it, and the rows of a run are many.
        let log: LogBox?
        /// The log, if it is one that runs can be resumed from.
        let checkpoints: (any CheckpointStore)?
        let stores: (any SharedStores)?
        let workers: (any WorkerPool)?
        let observers: [any WorkflowObserver]
        let logger: Logger
        let random: RandomSource
        let tracer: (any Tracer)?
        let metrics: EngineMetrics?
        let deadlines: DeadlineQueue
        let abandonAfter: Duration
        let standardRetry: RetryMode
        // Asked for at the start of every run, where looking at what is behind an existential costs more than the answer.
        @usableFromInline let isObserved: Bool
        @usableFromInline let isLogging: Bool
        @usableFromInline let isInstrumented: Bool
        let isTraced: Bool
        let hasStores: Bool

        init(
            clock: any EngineClock, checkpointLog: (any CheckpointLog)?, checkpoints: (any CheckpointStore)?,
            stores: (any SharedStores)?, workers: (any WorkerPool)?, observers: [any WorkflowObserver], logger: Logger,
            random: RandomSource, tracer: (any Tracer)?, metrics: EngineMetrics?,
            deadlines: DeadlineQueue, abandonAfter: Duration, standardRetry: RetryMode
        ) {
            self.clock = clock
            self.checkpointLog = checkpointLog
            log = checkpointLog.map { LogBox($0) }
            self.checkpoints = checkpoints
            self.stores = stores
            self.workers = workers
            self.observers = observers
            self.logger = logger
            self.random = random
            self.tracer = tracer
            self.metrics = metrics
            self.deadlines = deadlines
            self.abandonAfter = abandonAfter
            self.standardRetry = standardRetry
            isObserved = !observers.isEmpty
            isLogging = checkpointLog != nil
            isTraced = tracer != nil
            hasStores = stores != nil
            isInstrumented = metrics != nil || tracer != nil
        }

        func changed(
            clock: (any EngineClock)? = nil, checkpointLog: (any CheckpointLog)?? = nil, checkpoints: (any CheckpointStore)?? = nil,
            stores: (any SharedStores)?? = nil, workers: (any WorkerPool)?? = nil, observers: [any WorkflowObserver]? = nil,
            logger: Logger? = nil, random: RandomSource? = nil, tracer: (any Tracer)?? = nil, abandonAfter: Duration? = nil,
            standardRetry: RetryMode? = nil
        ) -> Content {
            Content(
                clock: clock ?? self.clock, checkpointLog: checkpointLog ?? self.checkpointLog,
                checkpoints: checkpoints ?? self.checkpoints, stores: stores ?? self.stores,
                workers: workers ?? self.workers, observers: observers ?? self.observers, logger: logger ?? self.logger,
                random: random ?? self.random, tracer: tracer ?? self.tracer, metrics: metrics,
                deadlines: clock.map { DeadlineQueue(clock: $0) } ?? deadlines, abandonAfter: abandonAfter ?? self.abandonAfter,
                standardRetry: standardRetry ?? self.standardRetry)
        }
    }

    /// Holds a log.
    final class LogBox: Sendable {
        let log: any CheckpointLog

        init(_ log: any CheckpointLog) { self.log = log }
    }

    @usableFromInline private(set) var content: Content

    /// The runtime of runs that are given none: the system's clock, no checkpoints, no observers. Made at its first use, so
    /// bootstrap metrics and tracing before.
    public static let standard = WorkflowRuntime()

    /// Creates a runtime.
    public init(
        clock: any EngineClock = SystemClock(), checkpoints: (any CheckpointStore)? = nil, stores: (any SharedStores)? = nil,
        workers: (any WorkerPool)? = nil, observers: [any WorkflowObserver] = [], logger: Logger = Logger(label: "cano"),
        random: RandomSource = .system
    ) {
        let bootstrapped = InstrumentationSystem.tracer
        content = Content(
            clock: clock, checkpointLog: checkpoints, checkpoints: checkpoints, stores: stores, workers: workers,
            observers: observers, logger: logger, random: random,
            tracer: bootstrapped is NoOpTracer ? nil : bootstrapped, metrics: EngineMetrics.current(),
            deadlines: DeadlineQueue(clock: clock), abandonAfter: .seconds(10), standardRetry: .standard)
    }

    /// The clock of every timeout, pause and measurement.
    public var clock: any EngineClock {
        get { content.clock }
        set { content = content.changed(clock: newValue) }
    }

    /// Where logs are kept; `nil` keeps none, and runs end with the process.
    public var checkpoints: (any CheckpointStore)? {
        get { content.checkpoints }
        set { content = content.changed(checkpointLog: .some(newValue), checkpoints: .some(newValue)) }
    }

    /// For hosts: where rows are written, without a way back to them. The runtime then has no ``checkpoints``: the host
    /// gives each run its rows, and keeps or removes its log when it ends. Reads the same as ``checkpoints`` otherwise.
    public var checkpointLog: (any CheckpointLog)? {
        get { content.checkpointLog }
        set { content = content.changed(checkpointLog: .some(newValue), checkpoints: .some(nil)) }
    }

    /// The stores runs share by name; `nil` when there are none, and asking for one is an error.
    public var stores: (any SharedStores)? {
        get { content.stores }
        set { content = content.changed(stores: .some(newValue)) }
    }

    /// What does the work of tasks that hand it to others, such as a ``RemoteTask``, in runs whose host hands nothing out; `nil` when nothing
    /// does, and such a task fails.
    public var workers: (any WorkerPool)? {
        get { content.workers }
        set { content = content.changed(workers: .some(newValue)) }
    }

    /// Who is told what happens, in this order.
    public var observers: [any WorkflowObserver] {
        get { content.observers }
        set { content = content.changed(observers: newValue) }
    }

    /// What tasks log with; the engine itself logs only what it cannot throw.
    public var logger: Logger {
        get { content.logger }
        set { content = content.changed(logger: newValue) }
    }

    /// Where the jitter of retries comes from.
    public var random: RandomSource {
        get { content.random }
        set { content = content.changed(random: newValue) }
    }

    /// Makes a span of each run and each task, inside the span the caller is in; `nil` makes none. What the process was
    /// bootstrapped with, unless that is nothing.
    public var tracer: (any Tracer)? {
        get { content.tracer }
        set { content = content.changed(tracer: .some(newValue)) }
    }

    /// How long a task gets to notice that it was cancelled, before its run goes on without it; 10 s. For tasks whose
    /// ``TaskConfig/abandonAfter`` says nothing else.
    public var abandonAfter: Duration {
        get { content.abandonAfter }
        set { content = content.changed(abandonAfter: newValue) }
    }

    /// How often failed attempts are repeated at tasks whose ``TaskConfig/retry`` is ``RetryMode/standard``.
    public var standardRetry: RetryMode {
        get { content.standardRetry }
        set { content = content.changed(standardRetry: newValue) }
    }

    var metrics: EngineMetrics? { content.metrics }
    /// Where rows are written, to be called.
    var log: LogBox? { content.log }
    @usableFromInline var deadlines: DeadlineQueue { content.deadlines }
    /// Whether runs are measured or traced.
    @inlinable var isInstrumented: Bool { content.isInstrumented }
    /// Whether attempts get spans.
    var isTraced: Bool { content.isTraced }
    /// Whether there are stores that runs share.
    var hasStores: Bool { content.hasStores }
    /// Whether an observer is told what happens.
    @inlinable var isObserved: Bool { content.isObserved }
    /// Whether runs have a log.
    @inlinable var isLogging: Bool { content.isLogging }
}
