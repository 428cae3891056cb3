import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import CanoTesting
import InMemoryLogging
import Logging
import Tracing

@testable import CanoBridge

/// The parts of a bridge called `b` over a scripted Redis, on a clock that stands at ``now``.
final class ScriptedBridge: Sendable {
    /// Milliseconds since 1970.
    static let now: Int64 = 1_700_000_000_000

    let clock = ManualClock(unixMilliseconds: now)
    let redis: ScriptedTransport
    private let log: InMemoryLogHandler
    let bus: Bus
    let registry: WorkflowRegistry
    let runtime: WorkflowRuntime
    let sessions: Sessions
    let handBacks: HandBacks
    let heartbeat: Heartbeat
    let execution: RunExecution
    let forwarding: CommandForwarding
    let work = InFlightWork()
    let held: HeldRuns

    /// - Parameters:
    ///   - registry: The workflows it has; those of ``workflows(_:)`` unless said.
    ///   - prefix: The prefix of its keys.
    ///   - limits: How long and how much the bus keeps.
    ///   - events: What it publishes.
    ///   - sessions: Its sessions, for observers that look at them.
    ///   - held: The runs that it holds while they wait: none unless said.
    ///   - observers: Those that its user has.
    ///   - tracer: Where its runs are traced.
    ///   - random: Its randomness.
    /// - Throws: What registering the workflows throws.
    init(
        _ registry: WorkflowRegistry? = nil, prefix: String = "p", limits: BusLimits = BusLimits(), events: EventLevels = EventLevels(),
        sessions: Sessions = Sessions(), held: HeldRuns = HeldRuns(most: 0), observers: [any WorkflowObserver] = [],
        tracer: (any Tracer)? = nil, random: RandomSource = .always(0)
    ) throws {
        self.sessions = sessions
        self.held = held
        redis = ScriptedTransport(clock)
        var handler = InMemoryLogHandler()
        handler.logLevel = .debug
        let log = handler
        self.log = log
        let logger = Logger(label: "test") { _ in log }
        bus = Bus(
            bridge: "b", keys: try BusKeys(prefix: prefix), limits: limits, clock: BusClock(clock), redis: redis, logger: logger,
            random: random)
        let registry = try registry ?? Self.workflows()
        self.registry = registry
        var runtime = WorkflowRuntime(clock: clock, observers: observers, logger: logger, random: random)
        runtime.tracer = tracer
        self.runtime = runtime
        handBacks = HandBacks(sessions)
        heartbeat = Heartbeat(
            bus, listings: ["w@1/b"], sessions: sessions, handBacks: handBacks, held: held, engineClock: clock)
        forwarding = CommandForwarding(bus: bus, registry: registry)
        let unreachable = RedisClient(try RedisConfiguration(url: "redis://127.0.0.1:1"), logger: logger)
        execution = RunExecution(
            bus: bus, sessions: sessions, handBacks: handBacks, levels: events, runtime: runtime,
            sharedStores: RedisStores(unreachable, prefix: prefix), held: held, work: work)
    }

    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = Int
        case first, second, done
    }

    /// A workflow `w`, version 1, with two states, an `Int` for its input and the same for its output.
    static func workflows(
        first: @escaping @concurrent @Sendable (TaskContext<Step>) async throws -> Step = { _ in .second },
        second: @escaping @concurrent @Sendable (TaskContext<Step>) async throws -> Step = { _ in .done }
    ) throws -> WorkflowRegistry {
        try registry { state in
            switch state {
            case .first: .task("one", first)
            case .second: .task("two", second)
            case .done: .exit { $0.input }
            }
        }
    }

    /// A workflow `w`, version 1, that does this in its states.
    static func registry(_ handler: (Step) -> StateHandler<Step>) throws -> WorkflowRegistry {
        var registry = WorkflowRegistry()
        try registry.register(Workflow("w", startingAt: .first, handler: handler))
        return registry
    }

    /// What was logged at that level or above, as messages.
    func logged(_ level: Logger.Level = .warning) -> [String] {
        log.entries.filter { $0.level >= level }.map { "\($0.message)" }
    }

    /// What was logged with that message.
    func logged(_ message: String) -> [Logger.Metadata] { log.entries.filter { "\($0.message)" == message }.map(\.metadata) }

    /// The keys that were said to hold something else than they should.
    var wrongKeys: [String] {
        logged("a key holds something else than the bus keeps there: rename it, or delete it").compactMap { $0["key"].map { "\($0)" } }
    }

    /// An entry of a stream, published now, whose fields are these.
    func delivery(
        _ fields: [(name: String, value: String)] = [], from stream: InboundStream = .commands, published: Int64 = now,
        with slot: HeldSlot? = nil
    ) -> Delivery {
        Delivery(
            StreamEntry(
                id: StreamEntryID(milliseconds: UInt64(published), sequence: 0),
                fields: fields.map { (Array($0.name.utf8), Array($0.value.utf8)) }),
            from: stream, firstSeen: clock.unixMilliseconds, at: clock.unixMilliseconds, slot: slot)
    }

    /// A session of a run that this bridge owns, among its sessions unless said.
    func session(_ run: String, epoch: Int = 1, leasedFor term: Duration = .seconds(15), isListed: Bool = true) -> RunSession {
        let session = RunSession(
            RunLedger.sample(run, epoch: epoch, on: bus), lease: Lease(until: clock.now.advanced(by: term), clock: clock), on: bus)
        if isListed { sessions.add(session) }
        return session
    }

    /// Answers every script of a run under way as Redis does when all is well.
    func writesEverything() {
        for script in ["commit", "flush", "finish"] { redis.always(script, .text("ok")) }
    }
}

extension RunLedger {
    /// The ledger of a run of the workflow `w` before its first script.
    static func sample(_ run: String, epoch: Int = 1, replyNames: String = "", startedAt: Int64 = 0, on bus: Bus) -> RunLedger {
        RunLedger(
            bus.identity(of: run, workflow: "w", version: "1", epoch: epoch, trace: TraceContext()),
            keys: RunKeys(run: run, bus: bus.keys), replyNames: replyNames, startedAt: startedAt, limits: bus.limits)
    }
}
