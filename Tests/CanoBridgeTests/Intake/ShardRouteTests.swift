import CanoBus
import Testing

@testable import CanoBridge

@Suite("A command is carried out", .timeLimit(.minutes(5)))
struct ShardRouteTests {
    private let shards: BusShards

    init() throws {
        shards = try BusShards(prefix: "{p}", count: 7)
    }

    private func route(_ command: Command) -> ShardRoute { ShardRoute(of: command, among: shards) }

    @Test("on the shard of its run, where it starts one")
    func starts() {
        #expect(route(.start(StartCommand("w", run: "foo"))) == .on(44_950 % 7))
        #expect(route(.start(StartCommand("w", run: "foo@bar"))) == .on(shards.shard(of: "foo@bar")))
    }

    @Test("on the shard of its schedule, where it is a firing")
    func firings() {
        #expect(route(.start(StartCommand("w", run: "foo@2026", schedule: "foo"))) == .on(44_950 % 7))
        #expect(route(.start(StartCommand("w", run: "x@2026", schedule: "foo"))) == .on(shards.shard(of: "x@2026")))
    }

    @Test("where the run is, where it is about one: on its shard, or on that of the schedule it may be of")
    func aboutRuns() {
        #expect(route(.cancel(CancelCommand(run: "foo"))) == .whereRunIs([44_950 % 7]))
        #expect(route(.signal(SignalCommand("s", run: "foo//1"))) == .whereRunIs([44_950 % 7]))
        #expect(route(.resume(ResumeCommand(run: "foo@2026"))) == .whereRunIs([shards.shard(of: "foo@2026"), 44_950 % 7]))
    }

    @Test("on the shard of the schedule that it names")
    func schedules() {
        #expect(route(.unschedule(UnscheduleCommand("foo"))) == .on(44_950 % 7))
        #expect(route(.pauseSchedule(PauseScheduleCommand("foo"))) == .on(44_950 % 7))
        #expect(route(.runSchedule(RunScheduleCommand("foo"))) == .on(44_950 % 7))
    }

    @Test("where its run or its schedule is, where the bus has grown since they may have come to be")
    func grown() {
        let grown = shards.grown(from: [3])
        func route(_ command: Command) -> ShardRoute { ShardRoute(of: command, among: grown) }
        #expect(route(.start(StartCommand("w", run: "foo"))) == .whereRunIs([44_950 % 7, 44_950 % 3]))
        #expect(route(.start(StartCommand("w", run: "foo@2026", schedule: "foo"))) == .whereScheduleIs("foo", [44_950 % 7, 44_950 % 3]))
        #expect(route(.cancel(CancelCommand(run: "foo"))) == .whereRunIs([44_950 % 7, 44_950 % 3]))
        #expect(route(.runSchedule(RunScheduleCommand("foo"))) == .whereScheduleIs("foo", [44_950 % 7, 44_950 % 3]))
    }

    @Test("where it was published, where it starts a child or answers a task")
    func here() {
        #expect(route(.start(StartCommand("w", run: "foo//1"))) == .here)
        let token = TaskToken(run: "foo", leg: "//1", attempt: 1, nonce: "n")
        #expect(route(.complete(CompleteAnswer(token))) == .here)
    }
}
