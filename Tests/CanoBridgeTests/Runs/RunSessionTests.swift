import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("One run on one bridge", .timeLimit(.minutes(5)))
struct RunSessionTests {
    private let bridge: ScriptedBridge
    private var redis: ScriptedTransport { bridge.redis }

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func row(_ sequence: Int, _ state: String = "s") -> CheckpointRow { CheckpointRow(sequence: sequence, state: state) }

    /// Has something happen that a flush may publish.
    private func note(_ session: RunSession, isAnnounced: Bool = false) {
        session.add {
            PendingEvent(TaskEvent(.taskStarted, state: "s", task: "t"), at: $0)
        } isAnnounced: { _ in
            isAnnounced
        }
    }

    @Test("is not begun past its lease, until a renewal says that it is this bridge's")
    func pastItsLease() async {
        let session = bridge.session("a", leasedFor: .zero)
        #expect(!session.lease.isHeld)
        async let isStillOwner = session.isStillOwner()
        session.lease.extend(until: bridge.clock.now.advanced(by: .seconds(15)))
        #expect(await isStillOwner)
        let lost = bridge.session("b", leasedFor: .zero)
        lost.stop(.ownershipLost)
        #expect(await !lost.isStillOwner())
    }

    @Test("has a cancelled run wait for its lease all the same: it is to be undone here")
    func cancelled() {
        let session = bridge.session("a", leasedFor: .zero)
        session.stop(.cancelled(reason: "enough"))
        #expect(session.control.handoffReason == nil)
        session.stop(.handBack)
        #expect(session.control.handoffReason == .handBack && session.control.stopReason == .cancelled(reason: "enough"))
    }

    @Test("sends one script at a time; what happens meanwhile goes with the next")
    func oneAtATime() async throws {
        let session = bridge.session("a")
        redis.answer("commit", .silence, .text("ok"))
        let first = Task { try await session.append(row(1), isExit: false) }
        try await redis.waitFor("commit")
        note(session)
        let second = Task { try await session.append(row(2), isExit: false) }
        bridge.clock.advance(by: .seconds(1))
        session.flushIfDue()
        #expect(redis.names == ["commit"], "a flush gives way to the script under way")
        redis.answerHeld("commit", .text("ok"))
        #expect(try await first.value)
        #expect(try await second.value)
        #expect(redis.requests.map { $0.argument(Commit.Argument.rowsAfter) } == ["1", "2"])
        #expect(redis.requests.map { $0.argument(Commit.Argument.eventsAfter) } == ["0", "1"])
    }

    @Test("publishes what has waited for long, or is much, and nothing that a row is to make true")
    func flush() {
        let session = bridge.session("a")
        redis.always("flush", .text("ok"))
        session.flushIfDue()
        note(session)
        session.flushIfDue()
        #expect(redis.names == [])
        bridge.clock.advance(by: BusLimits.flushInterval)
        session.flushIfDue()
        #expect(redis.names == ["flush"])
        for _ in 1...BusLimits.flushCount { note(session) }
        session.flushIfDue()
        #expect(redis.names == ["flush", "flush"])
        note(session, isAnnounced: true)
        note(session)
        bridge.clock.advance(by: .seconds(9))
        session.flushIfDue()
        #expect(redis.names == ["flush", "flush"])
    }

    @Test("writes nothing more once a flush has found it lost")
    func lostInAFlush() async throws {
        let session = bridge.session("a")
        redis.answer("flush", .text("lost"))
        note(session)
        bridge.clock.advance(by: .seconds(1))
        session.flushIfDue()
        #expect(session.control.handoffReason == .ownershipLost)
        let relinquished = await #expect(throws: Relinquished.self) { try await session.append(row(1), isExit: false) }
        #expect(relinquished?.reason == .ownershipLost)
        #expect(redis.names == ["flush"])
    }

    @Test("drops what a step wrote that Redis refuses, and can go on with the next attempt")
    func refused() async throws {
        let session = bridge.session("a")
        redis.answer("commit", .list(.text("conflict"), .text("p:store:s"), .text("k")), .text("ok"))
        try session.withLedger { try $0.apply([StagedWrite(store: "s", key: "k", operation: .putIfAbsent(1))]) }
        await #expect(throws: StepConflict.self) { try await session.append(row(1), isExit: false) }
        #expect(session.withLedger { $0.writes.shared == nil })
        #expect(try await session.append(row(1), isExit: false))
        #expect(redis.requests.map { $0.argument(Commit.Argument.rowsBefore) } == ["0", "0"])
        #expect(redis.requests[0].keys.count == 5 && redis.requests[1].keys.count == 4)
    }
}
