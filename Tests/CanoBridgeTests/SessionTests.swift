import CanoCore
import CanoRedis
import CanoTesting
import Logging
import RedisServerFixture
import Synchronization
import Testing

@testable import CanoBridge

@Suite("One run on one bridge")
struct SessionTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private let clock = ManualClock()

    private func ledger(_ run: String, epoch: Int = 1) throws -> RunLedger {
        RunLedger(
            RunIdentity(
                run: run, workflow: "w", version: "1", bridge: "b", epoch: epoch, source: "/cano/cano/w",
                trace: TraceContext(parent: nil, state: nil)),
            keys: RunKeys(run: run, bus: try BusKeys()), replyNames: "", startedAt: 0, limits: BusLimits())
    }

    /// A session whose Redis nobody reaches.
    private func session(_ run: String, epoch: Int = 1, leasedFor term: Duration = .seconds(15)) throws -> RunSession {
        let redis = RedisClient(try RedisConfiguration(url: "redis://127.0.0.1:1"), logger: Self.quiet)
        return RunSession(
            try ledger(run, epoch: epoch), lease: LeaseTerm(until: clock.now.advanced(by: term), clock: clock), exitStates: [],
            rowlessStates: [],
            level: .states, sender: ScriptSender(redis, logger: Self.quiet), clock: BusClock(clock), engineClock: clock,
            isDraining: { false })
    }

    @Test("has one session: whoever asks for it finds it in hand, from the question to the end")
    func oneSession() throws {
        let roster = SessionRoster(lease: .seconds(15))
        let session = try session("a")
        #expect(roster.reserve("a"))
        #expect(!roster.reserve("a") && roster.isInHand("a"))
        roster.add(session)
        roster.unreserve("a")
        #expect(!roster.reserve("a"))
        roster.remove(session)
        #expect(roster.reserve("a"))
        roster.unreserve("a")
        roster.beginAccepting(session)
        #expect(!roster.reserve("a"))
        roster.endAccepting(session)
        #expect(!roster.isInHand("a"))
    }

    @Test("keeps its session when an older one of it comes to its end")
    func olderSession() throws {
        let roster = SessionRoster(lease: .seconds(15))
        let (old, new) = (try session("a"), try session("a", epoch: 3))
        roster.add(old)
        roster.add(new)
        roster.remove(old)
        #expect(roster.session(of: "a") === new)
        roster.remove(new)
        #expect(roster.session(of: "a") == nil)
    }

    @Test("is not begun past its lease, until a renewal says that it is this bridge's")
    func pastItsLease() async throws {
        let session = try session("a", leasedFor: .zero)
        #expect(!session.lease.isCertain)
        async let isStillOwner = session.isStillOwner(of: "a")
        session.lease.extend(until: clock.now.advanced(by: .seconds(15)))
        #expect(await isStillOwner)
        let lost = try self.session("b", leasedFor: .zero)
        lost.stop(.ownershipLost)
        #expect(await !lost.isStillOwner(of: "b"))
    }

    @Test("says what a row makes true with that row, and not before")
    func announced() throws {
        func event(_ type: String) -> BusEvent { BusEvent(type: type, time: 5, data: "{}") }
        var ledger = try ledger("a")
        ledger.note(event("task.retried"))
        ledger.note(event("state.entered"), isAnnounced: true)
        ledger.note(event("task.started"))
        #expect(ledger.unpublished?.count == 1)
        _ = ledger.flush(now: 9)
        ledger.settle()
        #expect(ledger.unpublished == nil, "what is left waits for the row")
        ledger.note(event("task.retried"))
        #expect(ledger.unpublished == nil, "and so does what follows from it")
        _ = ledger.commit(CheckpointRow(sequence: 1, state: "b"), now: 9)
        ledger.settle()
        #expect(ledger.unpublished == nil)

        ledger.note(event("task.succeeded"))
        ledger.note(event("state.entered"), isAnnounced: true)
        _ = ledger.commit(CheckpointRow(sequence: 2, state: "c"), now: 9)
        ledger.note(event("task.retried"))
        ledger.dropStep()
        #expect(ledger.unpublished?.count == 2, "what the refused row announced has not happened")
    }
}

@Suite("A start that is taken twice", .timeLimit(.minutes(1)))
struct RepeatedAcceptanceTests {
    @Test("opens no second session of a run that was only scheduled then and has been started by this bridge since")
    func scheduled() async throws {
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                let redis = watcher.redis
                _ = try await redis.execute(XGROUP.CREATE(watcher.bus.commands, BusKeys.group))
                let entry = try #require(await redis.execute(XADD(watcher.bus.commands, texts: [("type", "start")])))
                var ledger = RunLedger(
                    RunIdentity(
                        run: "a", workflow: "w", version: "1", bridge: "b", epoch: 1, source: "/cano/cano/w",
                        trace: TraceContext(parent: nil, state: nil)),
                    keys: RunKeys(run: "a", bus: watcher.bus), replyNames: "", startedAt: 5, limits: BusLimits())
                let command = StartCommand(
                    run: "a", workflow: "w", version: nil, input: "null", replyName: nil, expiresAt: nil, start: .after(50), timeout: nil,
                    trace: TraceContext(parent: nil, state: nil))
                let call = ledger.acceptance(
                    of: command, entry: entry, row: CheckpointRow(sequence: 0, state: "first"), notBefore: 9_000_000_000_000)
                #expect(try await redis.evaluate(call).string == "scheduled")
                #expect(try await redis.evaluate(call).string == "scheduled")
                // As a claim by this bridge leaves it.
                let started: [(field: String, value: RESPBytes)] = [("status", "running"), ("epoch", "1"), ("events", "2")].map {
                    ($0.0, Array($0.1.utf8))
                }
                _ = try await redis.execute(HSET(watcher.bus.record(of: "a"), started))
                #expect(try await redis.evaluate(call).string == "gone")
            }
        }
    }
}

@Suite("A script of the bus", .timeLimit(.minutes(1)))
struct BusScriptTests {
    @Test("gives a run all of its time from when it is carried out, however long it was repeated")
    func deadline() async throws {
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                let redis = watcher.redis
                _ = try await redis.execute(XGROUP.CREATE(watcher.bus.commands, BusKeys.group))
                let entry = try #require(await redis.execute(XADD(watcher.bus.commands, texts: [("type", "start")])))
                // Made at 5 ms after 1970, and carried out now.
                var ledger = RunLedger(
                    RunIdentity(
                        run: "a", workflow: "w", version: "1", bridge: "b", epoch: 1, source: "/cano/cano/w",
                        trace: TraceContext(parent: nil, state: nil)),
                    keys: RunKeys(run: "a", bus: watcher.bus), replyNames: "", startedAt: 5, limits: BusLimits())
                let command = StartCommand(
                    run: "a", workflow: "w", version: nil, input: "null", replyName: nil, expiresAt: nil, start: nil, timeout: 60_000,
                    trace: TraceContext(parent: nil, state: nil))
                let call = ledger.acceptance(of: command, entry: entry, row: CheckpointRow(sequence: 0, state: "first"), notBefore: nil)
                #expect(try await redis.evaluate(call).string == "accepted")
                let record = try await watcher.record(of: "a")
                let started = try #require(record["started"].flatMap { Int64($0) })
                #expect(started >= Int64(entry.milliseconds))
                #expect(record["deadline"] == String(started + 60_000))
            }
        }
    }

    @Test("cancels a run whose record was damaged, and loses no command")
    func damaged() async throws {
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                let (redis, bus) = (watcher.redis, watcher.bus)
                _ = try await redis.execute(XGROUP.CREATE(bus.control, BusKeys.group))
                let entry = try #require(await redis.execute(XADD(bus.control, texts: [("type", "cancel")])))
                // Neither a workflow nor a number of events.
                _ = try await redis.execute(HSET(bus.record(of: "a"), "status", "scheduled"))
                let call = CancelLetter(bus: bus, bridge: "b", limits: BusLimits()).call(
                    for: CancelCommand(run: "a", reason: "no", replyName: nil, trace: TraceContext(parent: nil, state: nil)),
                    entry: entry, from: .control, replyNames: "", now: 5)
                #expect(try await redis.evaluate(call).string == "cancelled")
                #expect(try await watcher.record(of: "a")["status"] == "cancelled")
                #expect(try await watcher.events(about: "a").map(\.type) == ["cano.run.cancelled"])
            }
        }
    }
}

@Suite("The entries of a bridge")
struct EntriesInHandTests {
    @Test("are looked at soon after a read failed, for it may have brought some")
    func missed() {
        let entries = EntriesInHand(counting: WorkInHand())
        #expect(!entries.hasDue(now: 5))
        entries.note(mayHaveMissed: true)
        #expect(entries.hasDue(now: 5))
        entries.note(mayHaveMissed: false)
        #expect(!entries.hasDue(now: 5))
    }
}

@Suite("A store that runs share, while Redis is away")
struct PatientStoreTests {
    /// Fails so many times before it answers.
    private final class Unsteady: Store {
        let failures: Mutex<Int>
        let error: CanoError

        init(failures: Int, _ error: CanoError) {
            self.failures = Mutex(failures)
            self.error = error
        }

        private func attempt() throws {
            let fails = failures.withLock { failures in
                failures -= 1
                return failures >= 0
            }
            if fails { throw error }
        }

        func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws -> Value? {
            try attempt()
            return nil
        }
        func keys() async throws -> [String] {
            try attempt()
            return ["a"]
        }
        func put<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws { try attempt() }
        func remove<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws { try attempt() }
        func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int { amount }
        func putIfAbsent<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool { true }
        func append<Element: Codable & Sendable>(_ element: Element, to key: StoreKey<[Element]>) async throws {}
    }

    private static let away = CanoError(.store, "away", underlying: RedisError(.connectionClosed, "away"))
    private let clock = ManualClock()

    @Test("is read again until Redis is back")
    func away() async throws {
        let store = PatientStore(store: Unsteady(failures: 3, Self.away), control: RunControl(), clock: clock)
        async let keys = store.keys()
        for _ in 1...3 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(2))
        }
        #expect(try await keys == ["a"])
    }

    @Test("is not waited for by an attempt that is cancelled")
    func cancelled() async throws {
        let store = PatientStore(store: Unsteady(failures: 3, Self.away), control: RunControl(), clock: clock)
        let reading = Task { try await store.keys() }
        await clock.waitForSleepers()
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test("fails at once with what doesn't pass, and once the run is to go on elsewhere")
    func lasting() async throws {
        let mismatch = PatientStore(
            store: Unsteady(failures: 1, CanoError(.store, "no number")), control: RunControl(), clock: clock)
        await #expect(throws: CanoError.self) { try await mismatch.keys() }
        let control = RunControl()
        control.stop(.handBack)
        let leaving = PatientStore(store: Unsteady(failures: 1, Self.away), control: control, clock: clock)
        await #expect(throws: CanoError.self) { try await leaving.keys() }
    }
}

@Suite("The time a run has")
struct RunBudgetTests {
    @Test("for being undone is half of its own, 30 s at most, whatever is left of that; or what its workflow says")
    func compensation() {
        #expect(RunBudget(left: .zero, of: .seconds(20), compensation: nil).compensation == .seconds(10))
        #expect(RunBudget(left: .zero, of: .seconds(200), compensation: nil).compensation == .seconds(30))
        #expect(RunBudget(left: nil, of: nil, compensation: nil).compensation == nil)
        #expect(RunBudget(left: .zero, of: .seconds(20), compensation: .seconds(60)).compensation == .seconds(60))
    }
}
