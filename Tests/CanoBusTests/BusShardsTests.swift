import CanoBus
import Testing

@Suite("The shards of a bus", .timeLimit(.minutes(5)))
struct BusShardsTests {
    @Test("that has grown has what is older where it was: on the shards that its name told then, after the one it tells now")
    func grown() throws {
        let shards = try BusShards(prefix: "{cano}", count: 16).grown(from: [8, 3, 16, 0, -1, 99])
        #expect(shards.earlierCounts == [8, 3])
        // Of eight and of sixteen it is the same one.
        #expect(shards.shards(ofName: "order-42") == [26_368 % 16, 26_368 % 3])
        #expect(shards.shards(ofRun: "foo@bar") == [2_392 % 16, 2_392 % 8, 2_392 % 3, 44_950 % 16])
    }

    @Test("have the prefix of the whole and a number, within the braces where it has some")
    func prefixes() throws {
        #expect(try BusShards(prefix: "{cano}", count: 3).keys.map(\.prefix) == ["{cano-0}", "{cano-1}", "{cano-2}"])
        #expect(try BusShards(prefix: "shop", count: 2).keys.map(\.prefix) == ["shop-0", "shop-1"])
        #expect(try BusShards(prefix: "{cano}").keys.map(\.prefix) == ["{cano}"])
        #expect(try BusShards(prefix: "{cano}", count: BusShards.most).keys.last?.prefix == "{cano-255}")
    }

    @Test("are told by the name of a run or a schedule")
    func shard() throws {
        let shards = try BusShards(prefix: "{cano}", count: 16)
        #expect(shards.shard(of: "order-42") == 26_368 % 16)
        #expect(shards.shard(of: "order-42//3") == 26_368 % 16)
        #expect(try BusShards().shard(of: "order-42") == 0)
    }

    @Test(
        "can't be none, nor too many, nor have prefixes that are too long",
        arguments: [("p", 0), ("p", 257), (String(repeating: "p", count: 99), 2)])
    func refused(prefix: String, count: Int) {
        let error = #expect(throws: BusError.self) { try BusShards(prefix: prefix, count: count) }
        #expect(error?.code == .invalidName)
    }
}
