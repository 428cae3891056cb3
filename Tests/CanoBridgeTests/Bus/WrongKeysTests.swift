import CanoCore
import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("A key that holds something else", .timeLimit(.minutes(5)))
struct WrongKeysTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func report(_ code: String = "WRONGTYPE", among keys: [String]) async {
        await bridge.bus.wrongKeys.report(among: keys, after: RedisError(RedisServerError(message: "\(code) no")), on: bridge.bus.redis)
    }

    @Test("is told once a minute, with what belongs there")
    func once() {
        for _ in 0..<2 { bridge.bus.wrongKeys.report("p:run:a") }
        bridge.clock.advance(by: .seconds(59))
        bridge.bus.wrongKeys.report("p:run:a")
        #expect(bridge.wrongKeys == ["p:run:a"])
        bridge.clock.advance(by: .seconds(1))
        for key in ["p:run:a", "p:leases:w@1"] { bridge.bus.wrongKeys.report(key) }
        #expect(bridge.wrongKeys == ["p:run:a", "p:run:a", "p:leases:w@1"])
    }

    @Test("is found among those of a script that was refused for it")
    func found() async {
        let types = ["p:run:a": "hash", "p:log:a": "zset", "p:events": "none", "p:leases:w@1": "zset"]
        bridge.redis.always("TYPE") { .text(types[$0.arguments[0]] ?? "none") }
        await report("OOM", among: types.keys.sorted())
        #expect(bridge.redis.names.isEmpty)
        await report(among: types.keys.sorted())
        #expect(bridge.wrongKeys == ["p:log:a"])
    }

    @Test("is not looked for where Redis is away")
    func away() async {
        bridge.redis.answer("TYPE", .connectionLost)
        await report(among: ["p:run:a"])
        #expect(bridge.wrongKeys.isEmpty)
    }
}
