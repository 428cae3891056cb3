import Testing

@testable import CanoBus

@Suite("What a shard says of its bus")
struct ShardRecordTests {
    @Test("is read as it is written", arguments: [ShardRecord(2, of: 4), ShardRecord(0, of: 16, earlier: [8, 4])])
    func fields(_ record: ShardRecord) {
        let fields = Dictionary(uniqueKeysWithValues: record.fields.map { ($0.name, $0.value) })
        #expect(ShardRecord(fields) == record)
    }

    @Test("has the earlier numbers of shards only where there are any")
    func earlier() {
        #expect(ShardRecord(0, of: 4).fields.map(\.name) == ["shards", "shard"])
        #expect(ShardRecord(0, of: 8, earlier: [4, 2]).fields.last?.value == "4,2")
    }

    @Test("is nothing where it is not there or no number", arguments: [[:], ["shards": "4"], ["shards": "four", "shard": "0"]])
    func missing(_ fields: [String: String]) {
        #expect(ShardRecord(fields) == nil)
    }
}
