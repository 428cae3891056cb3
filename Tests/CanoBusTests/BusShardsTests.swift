import CanoBus
import Testing

@Suite("The shards of a bus", .timeLimit(.minutes(5)))
struct BusShardsTests {
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
