import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The parts of housekeeping", .timeLimit(.minutes(5)))
struct HousekeepingPartsTests {
    private let bridge: ScriptedBridge

    init() throws {
        bridge = try ScriptedBridge()
        bridge.redis.always("XTRIM", .integer(0))
        bridge.redis.always("MEMORY", .nothing)
        bridge.redis.always("XINFO", .list())
        bridge.redis.always("ZREMRANGEBYSCORE", .integer(0))
        bridge.redis.always("ZRANGEBYSCORE", .list())
        bridge.redis.always("HGETALL", .list())
    }

    private static let all = [
        "XTRIM", "XTRIM", "MEMORY", "XTRIM", "XTRIM", "MEMORY", "XINFO", "XINFO", "XINFO", "ZREMRANGEBYSCORE", "HGETALL",
        "ZREMRANGEBYSCORE",
        "ZRANGEBYSCORE", "ZRANGEBYSCORE",
    ]

    @Test("are all done, with the bounds of the bus")
    func whole() async throws {
        try await Housekeeping(bus: bridge.bus).run()
        #expect(bridge.redis.names == Self.all)
        let day: Int64 = 86_400_000
        #expect(bridge.redis.requests[0].arguments.contains("\(ScriptedBridge.now - day)-0"))
        #expect(bridge.redis.requests[3].arguments.contains("\(ScriptedBridge.now - 30 * day)-0"))
        #expect(
            bridge.redis.requests("ZREMRANGEBYSCORE").map { $0.arguments.last } == [
                "\(Double(ScriptedBridge.now))", "\(Double(ScriptedBridge.now - 60_000))",
            ])
    }

    @Test("are done whether or not Redis refuses another, and the first refusal is told")
    func refused() async {
        bridge.redis.always("XTRIM", .refusal("WRONGTYPE first"))
        bridge.redis.always("ZREMRANGEBYSCORE", .refusal("WRONGTYPE second"))
        let error = await #expect(throws: RedisError.self) { try await Housekeeping(bus: bridge.bus).run() }
        #expect(error?.message == "WRONGTYPE first")
        #expect(
            bridge.redis.names == [
                "XTRIM", "XTRIM", "XINFO", "XINFO", "XINFO", "ZREMRANGEBYSCORE", "HGETALL", "ZREMRANGEBYSCORE", "ZRANGEBYSCORE",
                "ZRANGEBYSCORE",
            ])
    }

    @Test("trim in short calls, until the server has dropped less than it may")
    func shortCalls() async throws {
        bridge.redis.answer("XTRIM", .integer(10_000), .integer(9_990), .integer(40))
        try await Housekeeping(bus: bridge.bus).run()
        #expect(bridge.redis.names == ["XTRIM", "XTRIM"] + Self.all)
        #expect(bridge.redis.requests[0].arguments.suffix(2) == ["LIMIT", "10000"])
    }

    @Test("drop as large a part of a stream as it is too large by, without what its readers have pending, while that drops anything")
    func bytes() async throws {
        let limit = Int64(bridge.bus.limits.eventBytes)
        bridge.redis.answer("MEMORY", .integer(2 * limit + 6_000), .integer(limit + 1), .nothing)
        bridge.redis.answer(
            "XINFO",
            .list(.array([.text("name"), .text("g"), .text("pending"), .integer(10), .text("last-delivered-id"), .text("0-0")])), .list())
        bridge.redis.always("XINFO", .list())
        bridge.redis.answer("XLEN", .integer(1_000), .integer(500), .integer(500), .integer(500))
        try await Housekeeping(bus: bridge.bus).run()
        #expect(
            bridge.redis.names.prefix(12) == [
                "XTRIM", "XTRIM", "MEMORY", "XINFO", "XLEN", "XTRIM", "XLEN", "MEMORY", "XINFO", "XLEN", "XTRIM", "XLEN",
            ])
        #expect(bridge.redis.requests[5].arguments.contains("500"))
    }

    @Test("are left for the next time when Redis can't be reached")
    func away() async {
        bridge.redis.answer("XTRIM", .connectionLost)
        await #expect(throws: RedisError.self) { try await Housekeeping(bus: bridge.bus).run() }
        #expect(bridge.redis.names == ["XTRIM"])
    }

    @Test("remove only consumers that are idle and have nothing pending")
    func consumers() async throws {
        func consumer(_ name: String, pending: Int64, idle: Int64) -> RESPValue {
            .array([.text("name"), .text(name), .text("pending"), .integer(pending), .text("idle"), .integer(idle)])
        }
        bridge.redis.answer(
            "XINFO",
            .list(
                consumer("gone", pending: 0, idle: 3_600_000), consumer("busy", pending: 1, idle: 3_600_000),
                consumer("new", pending: 0, idle: 3_599_999)))
        bridge.redis.answer("remove_consumer", .integer(1))
        try await Housekeeping(bus: bridge.bus).run()
        #expect(bridge.redis.requests("remove_consumer").map { $0.argument(RemoveConsumer.Argument.consumer) } == ["gone"])
    }

    @Test("remove workers that are gone from each queue, and pass over one that has no stream or no group")
    func workers() async throws {
        func queue(_ name: String) -> [RESPValue] { [.text(name), .text("1")] }
        bridge.redis.answer("ZRANGEBYSCORE", .list(), .value(.array(queue("lost") + queue("new") + queue("mail"))))
        bridge.redis.answer(
            "XINFO", .list(), .list(), .list(), .refusal("ERR no such key"), .refusal("NOGROUP no such group"),
            .list(
                .array([.text("name"), .text("till-7"), .text("pending"), .integer(0), .text("idle"), .integer(3_600_000)]),
                .array([.text("name"), .text("till-8"), .text("pending"), .integer(1), .text("idle"), .integer(3_600_000)])))
        bridge.redis.always("XLEN", .integer(0))
        bridge.redis.answer("remove_consumer", .integer(1))
        try await Housekeeping(bus: bridge.bus).run()
        let removal = try #require(bridge.redis.requests("remove_consumer").first)
        #expect(
            removal.argument(RemoveConsumer.Argument.consumer) == "till-7" && removal.argument(RemoveConsumer.Argument.group) == "workers")
        #expect(removal.keys == ["p:tasks:mail"] && bridge.redis.requests("remove_consumer").count == 1)
        #expect(bridge.redis.requests("XLEN").flatMap(\.arguments) == ["p:heldtasks:lost", "p:heldtasks:new", "p:heldtasks:mail"])
    }
}
