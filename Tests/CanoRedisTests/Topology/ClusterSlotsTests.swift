import Testing

@testable import CanoRedis

@Suite("What a node says of its cluster", .timeLimit(.minutes(5)))
struct ClusterSlotsTests {
    private static let asked = RedisAddress.host("seed", port: 7_000)

    private static func node(_ host: String?, _ port: Int64) -> RESPValue {
        .array([host.map { .bulk(Array($0.utf8)) } ?? .null, .integer(port), .bulk(Array("id".utf8)), .array([])])
    }

    private static func range(_ first: Int64, _ last: Int64, _ nodes: RESPValue...) -> RESPValue {
        .array([.integer(first), .integer(last)] + nodes)
    }

    private func slot(_ number: Int) throws -> HashSlot { try #require(HashSlot(number)) }

    @Test("is which node serves a slot, and which take over from it")
    func primaries() throws {
        let reply = RESPValue.array([
            Self.range(0, 99, Self.node("a", 1), Self.node("a2", 1), Self.node("a3", 1)),
            Self.range(100, 100, Self.node("b", 1), Self.node("b2", 1)),
            Self.range(200, 16_383, Self.node("a", 1), Self.node("a2", 1)),
        ])
        let slots = try #require(ClusterSlots(reply, by: Self.asked))
        #expect(try slots.primary(of: slot(0)) == .host("a", port: 1))
        #expect(try slots.primary(of: slot(100)) == .host("b", port: 1))
        #expect(try slots.primary(of: slot(150)) == nil)
        #expect(try slots.primary(of: slot(16_383)) == .host("a", port: 1))
        // The replicas of the slot, the other primaries, the other replicas, the primary itself.
        #expect(try slots.nodes(nearest: slot(100)).map(\.description) == ["b2:1", "a:1", "a2:1", "a3:1", "b:1"])
        #expect(try slots.nodes(nearest: slot(150)).map(\.description) == ["a:1", "b:1", "a2:1", "a3:1", "b2:1"])
    }

    @Test("means the host that was asked where it names none", arguments: [nil, "", "?"])
    func unknownHosts(_ host: String?) throws {
        let slots = try #require(ClusterSlots(.array([Self.range(0, 16_383, Self.node(host, 7_001))]), by: Self.asked))
        #expect(try slots.primary(of: slot(7)) == .host("seed", port: 7_001))
    }

    @Test("may be nothing, of a node that knows no other")
    func empty() throws {
        let slots = try #require(ClusterSlots(.array([]), by: Self.asked))
        #expect(try slots.primary(of: slot(7)) == nil)
        #expect(try slots.nodes(nearest: slot(7)).isEmpty)
    }

    @Test(
        "is not read from another shape",
        arguments: [
            RESPValue.null, .integer(1), .array([.integer(1)]), .array([range(5, 1, node("a", 1))]), .array([range(0, 1)]),
            .array([range(0, 1, .integer(1))]), .array([range(0, 1, node("a", 0))]),
            .array([range(0, 1, .array([.integer(1), .integer(1)]))]),
        ])
    func others(_ reply: RESPValue) {
        #expect(ClusterSlots(reply, by: Self.asked) == nil)
    }
}
