import Testing

@testable import CanoBus

@Suite("A bus that is to have more shards")
struct ShardGrowthTests {
    /// What shards say: how many there are, and how many there were.
    private func seen(_ said: [(shards: Int, earlier: [Int])?], bridges: [String] = []) -> [ShardGrowth.Seen] {
        said.enumerated().map { number, said in
            ShardGrowth.Seen(
                "{c-\(number)}", record: said.map { ShardRecord(number, of: $0.shards, earlier: $0.earlier) },
                bridges: number == 0 ? bridges : [])
        }
    }

    @Test("has each of them say how many there are and were, the first ones first")
    func grows() throws {
        let growth = try ShardGrowth(to: seen([(2, []), (2, []), nil, nil]))
        #expect(growth.earlier == 2)
        #expect(growth.records == (0..<4).map { ShardRecord($0, of: 4, earlier: [2]) })
    }

    @Test("remembers all numbers that there were, the latest first")
    func growsAgain() throws {
        #expect(try ShardGrowth(to: seen([(2, [1]), (2, [1]), nil])).records.last == ShardRecord(2, of: 3, earlier: [2, 1]))
    }

    @Test("is made again where that was interrupted, or a bridge was told the new number too early")
    func interrupted() throws {
        let whole = try ShardGrowth(to: seen([(2, []), (2, []), nil, nil]))
        #expect(try ShardGrowth(to: seen([(4, [2]), (2, []), nil, nil])) == whole)
        #expect(try ShardGrowth(to: seen([(4, [2]), (4, [2]), (4, [2]), nil])) == whole)
        #expect(try ShardGrowth(to: seen([(2, []), (2, []), (4, []), nil])) == whole)
    }

    @Test("is left as it is where something speaks against it, which is said")
    func refused() {
        func message(_ said: [(shards: Int, earlier: [Int])?], bridges: [String] = []) -> String? {
            #expect(throws: BusError.self) { try ShardGrowth(to: seen(said, bridges: bridges)) }?.message
        }
        #expect(message([nil, nil])?.contains("{c-0}:shards") == true)
        #expect(message([(2, []), (2, [])]) == "The bus has 2 shards already.")
        #expect(message([(4, []), (4, [])]) == "The bus has 4 shards: choose more.")
        #expect(message([(2, []), nil, nil])?.contains("{c-1} says nothing") == true)
        #expect(message([(2, []), (3, []), nil])?.contains("{c-1} says that it is shard 1 of 3") == true)
        #expect(message([(2, []), (2, []), (7, [])])?.contains("{c-2} says that it is shard 2 of 7") == true)
        #expect(message([(3, [2]), (2, []), nil, nil])?.contains("finish it first, with --to 3") == true)
        #expect(message([(2, []), (2, []), nil], bridges: ["till-1"])?.contains("stop till-1 first") == true)
    }
}
