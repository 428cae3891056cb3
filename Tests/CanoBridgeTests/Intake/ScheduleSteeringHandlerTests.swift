import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A schedule that is paused, resumed or run", .timeLimit(.minutes(5)))
struct ScheduleSteeringHandlerTests {
    private let bridge: ScriptedBridge
    private let now = ScriptedBridge.now

    init() throws {
        bridge = try ScriptedBridge()
    }

    private var redis: ScriptedTransport { bridge.redis }

    private func pause() async throws -> Disposition {
        try await PauseScheduleHandler(bus: bridge.bus).handle(PauseScheduleCommand("s", replyName: "me"), bridge.delivery(from: .control))
    }

    private func resume() async throws -> Disposition {
        try await ResumeScheduleHandler(bus: bridge.bus, random: .always(0))
            .handle(ResumeScheduleCommand("s", replyName: "me"), bridge.delivery(from: .control))
    }

    private func run() async throws -> Disposition {
        try await RunScheduleHandler(bus: bridge.bus).handle(RunScheduleCommand("s", replyName: "me"), bridge.delivery(from: .control))
    }

    /// Has Redis know a schedule that is due every second at moments that end in 300 ms.
    private func schedule(_ more: [String] = []) {
        let fields =
            [
                "workflow", "w", "catch_up", "skip", "overlap", "skip", "time_zone", "UTC", "every_ms", "1000", "order", "1-0", "anchor",
                "\(now - 10_300)", "paused", "\(now - 5_000)",
            ] + more
        redis.always("HGETALL", .value(.array(fields.map { .text($0) })))
        redis.always("ZSCORE", .text("inf"))
    }

    private func expectRejection(_ code: RejectionCode, of body: () async throws -> Disposition) async -> Rejection? {
        let rejection = await #expect(throws: Rejection.self) { try await body() }
        #expect(rejection?.code == code && rejection?.addressee.replyName == "me")
        return rejection
    }

    @Test("is paused by the script, or was superseded", arguments: ["paused", "superseded", "gone"])
    func paused(answer: String) async throws {
        redis.answer("pause_schedule", .text(answer))
        #expect(try await pause() == .done)
        #expect(redis.requests.first?.keys == ["p:control", "p:schedule:s", "p:schedules", "p:events", "p:replies:me"])
    }

    @Test("is rejected when there is none")
    func unknown() async {
        redis.answer("pause_schedule", .text("unknown"))
        _ = await expectRejection(.unknownSchedule, of: pause)
        redis.always("HGETALL", .list())
        redis.answer("resume_schedule", .text("unknown"))
        _ = await expectRejection(.unknownSchedule, of: resume)
        _ = await expectRejection(.unknownSchedule, of: run)
    }

    @Test("goes on with its next due time, worked out by the bridge, and again where it was set meanwhile")
    func resumed() async throws {
        schedule()
        redis.answer("resume_schedule", .text("moved"), .text("resumed"))
        #expect(try await resume() == .done)
        let requests = redis.requests("resume_schedule")
        #expect(requests.count == 2 && redis.requests("HGETALL").count == 2)
        for request in requests {
            #expect(request.argument(ResumeSchedule.Argument.orderBefore) == "1-0")
            #expect(request.argument(ResumeSchedule.Argument.next) == "\(now + 700)")
            #expect(request.argument(ResumeSchedule.Argument.lookAgain) == "\(now + 700)")
        }
    }

    @Test("is not resumed where it is never due again, nor where this bridge can't read it, and is told why")
    func notResumed() async throws {
        schedule()
        redis.answer("resume_schedule", .text("never"))
        #expect(await expectRejection(.expired, of: resume)?.message.contains("run_schedule") == true)
        schedule(["time_zone", "Mars/Base"])
        #expect(await expectRejection(.unknownSchedule, of: resume)?.message.contains("can't be read") == true)
        #expect(redis.requests("resume_schedule").count == 1)
    }

    @Test("is run under the id of the command, and again where it has fired meanwhile")
    func ran() async throws {
        schedule(["last_run", "s@5", "last_entry", "7-0"])
        redis.always("XRANGE", .list())
        redis.always("HGET", .text("completed"))
        redis.answer("run_schedule", .text("moved"), .text("ran"))
        #expect(try await run() == .done)
        let requests = redis.requests("run_schedule")
        let entry = bridge.delivery(from: .control).entry.id
        #expect(requests.count == 2)
        #expect(requests.allSatisfy { $0.argument(RunSchedule.Argument.lastBefore) == "7-0" })
        #expect(requests.allSatisfy { $0.argument(RunSchedule.Argument.id) == "s@\(entry)" })
        #expect(requests[0].keys == ["p:control", "p:schedule:s", "p:schedules", "p:events", "p:commands", "p:replies:me"])
    }

    @Test("is not run while its last run is not over, where runs must not overlap", arguments: ["running", nil])
    func overlap(status: String?) async throws {
        schedule(["last_run", "s@5", "last_entry", "7-0"])
        redis.always("XRANGE", status == nil ? .list(.array([.text("7-0"), .texts("type", "start")])) : .list())
        redis.always("HGET", status.map { .text($0) } ?? .nothing)
        let rejection = await expectRejection(.runNotOver, of: run)
        #expect(rejection?.message.contains(status.map { "s@5 is \($0)" } ?? "s@5 waits for a bridge") == true)
        schedule(["last_run", "s@5", "last_entry", "7-0", "overlap", "allow"])
        redis.answer("run_schedule", .text("ran"))
        #expect(try await run() == .done)
    }
}
