import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A command that is published on a shard", .timeLimit(.minutes(5)))
struct ShardForwardingTests {
    private let bridges: [ScriptedBridge]
    private let shards: BusShards

    init() throws {
        shards = try BusShards(prefix: "{p}", count: 3)
        bridges = try shards.keys.map { try ScriptedBridge(prefix: $0.prefix) }
        for bridge in bridges {
            bridge.redis.always("XADD", .text("9-0"))
            bridge.redis.always("EXISTS", .integer(0))
            bridge.redis.always("ZSCORE", .value(.null))
            for command in ["XDEL", "XACK"] { bridge.redis.always(command, .integer(1)) }
        }
    }

    // The CRC16 of foo, and of bar.
    private let foo = 44_950 % 3
    private let bar = 37_829 % 3

    private func forward(
        _ command: Command, from shard: Int, on stream: InboundStream = .commands, grownFrom earlier: [Int] = []
    ) async throws -> Bool {
        let delivery = bridges[shard].delivery(command.command.fields, from: stream)
        let agreement = ShardAgreement(shards)
        agreement.learn(earlierCounts: earlier)
        return try await ShardForwarding(agreement: agreement, here: shard, buses: bridges.map(\.bus)).forward(command, delivery)
    }

    /// What was published on a shard, behind the stream.
    private func published(on shard: Int) -> [[String]] { bridges[shard].redis.requests("XADD").map { Array($0.arguments.dropFirst(2)) } }

    private func taken(off shard: Int) -> [String] {
        bridges[shard].redis.requests.filter { ["XDEL", "XACK"].contains($0.name) }.map { "\($0.name) \($0.arguments[0])" }
    }

    @Test("that it belongs to stays there, and nothing is asked")
    func here() async throws {
        #expect(try await !forward(.start(StartCommand("w", run: "foo")), from: foo))
        #expect(try await !forward(.cancel(CancelCommand(run: "foo")), from: foo))
        #expect(bridges.allSatisfy { $0.redis.requests.isEmpty })
    }

    @Test("that it does not belong to is published on its own, and then taken off")
    func there() async throws {
        let start = StartCommand("w", run: "foo", input: "7", start: .after(500))
        #expect(try await forward(.start(start), from: bar))
        #expect(
            published(on: foo) == [
                ["type", "start", "workflow", "w", "id", "foo", "input", "7", "not_before", "\(ScriptedBridge.now + 500)"]
            ])
        #expect(bridges[foo].redis.requests("XADD").map { $0.arguments[0] } == ["{p-\(foo)}:commands"])
        #expect(taken(off: bar) == ["XDEL {p-\(bar)}:commands", "XACK {p-\(bar)}:commands"])
        #expect(published(on: bar) == [] && taken(off: foo) == [])
    }

    @Test("and can't be published on its own stays, to be tried again")
    func away() async {
        bridges[foo].redis.always("XADD", .connectionLost)
        await #expect(throws: RedisError.self) { try await forward(.start(StartCommand("w", run: "foo")), from: bar) }
        #expect(taken(off: bar) == [])
    }

    @Test("is about a run there, wherever its id says that it is: it stays")
    func runHere() async throws {
        bridges[bar].redis.always("EXISTS") { .integer($0.arguments == ["{p-\(bar)}:run:foo"] ? 1 : 0) }
        #expect(try await !forward(.cancel(CancelCommand(run: "foo")), from: bar))
    }

    @Test("is about a schedule's run, goes to where that is, and to the shard of the id where it is nowhere")
    func scheduled() async throws {
        let run = "bar@foo"
        let (home, elsewhere) = (shards.shard(of: run), shards.shard(of: "bar"))
        try #require(home != elsewhere)
        #expect(try await forward(.cancel(CancelCommand(run: run)), from: elsewhere))
        #expect(published(on: home).count == 1)
        bridges[elsewhere].redis.always("ZSCORE", .text("1"))
        #expect(try await forward(.cancel(CancelCommand(run: run)), from: home), "its start may be on its way")
        #expect(try await !forward(.cancel(CancelCommand(run: run)), from: elsewhere))
        #expect(published(on: elsewhere).count == 1)
        bridges[elsewhere].redis.always("ZSCORE", .value(.null))
        bridges[elsewhere].redis.always("EXISTS", .integer(1))
        #expect(try await forward(.cancel(CancelCommand(run: run)), from: home))
        #expect(published(on: elsewhere).count == 2)
    }

    @Test("is about a schedule, or resumes a run, is rejected with where it belongs: twice it would not mean the same")
    func misplaced() async {
        let commands: [Command] = [
            .resume(ResumeCommand(run: "foo")), .unschedule(UnscheduleCommand("foo")), .pauseSchedule(PauseScheduleCommand("foo")),
            .resumeSchedule(ResumeScheduleCommand("foo")), .runSchedule(RunScheduleCommand("foo")),
        ]
        for command in commands {
            let rejection = await #expect(throws: Rejection.self) { try await forward(command, from: bar) }
            #expect(rejection?.code == .wrongShard)
            #expect(rejection?.message.contains("\"{p-\(foo)}\"") == true)
        }
        #expect(published(on: foo) == [] && taken(off: bar) == [])
    }

    @Test("is a signal without a message id, gets one of its own: it counts once, however often it is forwarded")
    func signals() async throws {
        #expect(try await forward(.signal(SignalCommand("s", run: "foo")), from: bar, on: .control))
        #expect(try await forward(.signal(SignalCommand("s", run: "foo", messageID: "m")), from: bar))
        let entry = "\(ScriptedBridge.now)-0"
        #expect(
            published(on: foo) == [
                ["type", "signal", "id", "foo", "name", "s", "message_id", "control/\(entry)@\(bar)"],
                ["type", "signal", "id", "foo", "name", "s", "message_id", "m"],
            ])
        #expect(bridges[foo].redis.requests("XADD").first?.arguments[0] == "{p-\(foo)}:control")
    }

    @Test("that has grown starts a run on its shard, unless it was started on an earlier one, or something waits for it there")
    func grown() async throws {
        // On two shards before, and on another of three now.
        let (home, earlier) = (foo, 44_950 % 2)
        try #require(home != earlier)
        let start = Command.start(StartCommand("w", run: "foo"))
        #expect(try await forward(start, from: earlier, grownFrom: [2]))
        #expect(try await !forward(start, from: home, grownFrom: [2]))
        #expect(published(on: home).count == 1 && published(on: earlier).isEmpty)
        for key in ["run:foo", "cancel:foo", "inbox:foo"] {
            bridges[earlier].redis.always("EXISTS") { .integer($0.arguments.contains("{p-\(earlier)}:\(key)") ? 1 : 0) }
            #expect(try await !forward(start, from: earlier, grownFrom: [2]), "\(key)")
            #expect(try await forward(start, from: home, grownFrom: [2]), "\(key)")
        }
        #expect(published(on: earlier).count == 3)
    }

    @Test("that has grown finds a schedule on an earlier shard of its name")
    func grownSchedules() async throws {
        let (home, earlier) = (foo, 44_950 % 2)
        bridges[earlier].redis.always("EXISTS") { .integer($0.arguments == ["{p-\(earlier)}:schedule:foo"] ? 1 : 0) }
        #expect(try await !forward(.unschedule(UnscheduleCommand("foo")), from: earlier, grownFrom: [2]))
        let rejection = await #expect(throws: Rejection.self) {
            try await forward(.unschedule(UnscheduleCommand("foo")), from: home, grownFrom: [2])
        }
        #expect(rejection?.message.contains("\"{p-\(earlier)}\"") == true)
        #expect(try await !forward(.start(StartCommand("w", run: "foo@2026", schedule: "foo")), from: earlier, grownFrom: [2]))
    }

    @Test("starts a run without an id, is rejected with what to do")
    func unnamed() async {
        let rejection = await #expect(throws: Rejection.self) {
            try await forward(.start(StartCommand("w", run: "\(ScriptedBridge.now)-0")), from: bar)
        }
        #expect(rejection?.code == .missingField)
        #expect(rejection?.message.contains("Choose one") == true)
    }
}
