import Testing

@testable import CanoBus

@Suite("What is kept under a key", .timeLimit(.minutes(5)))
struct KeyKindTests {
    @Test("is told by its name, and is what the contract's table says")
    func kinds() throws {
        let names = ["stream": KeyKind.stream, "hash": .hash, "list": .list, "string": .string, "sorted set": .sortedSet]
        let keys = try BusKeys(prefix: "P")
        let rows = try ContractPage().rows(of: "| `P:commands` |")
        #expect(rows.count > 15)
        for row in rows {
            let (key, kind) = (row[0].filter { !"` ".contains($0) }, row[1].split(separator: " ").joined(separator: " "))
            // What nothing lasts under has no kind.
            #expect((kind.isEmpty || names[kind] != nil) && KeyKind(key, of: keys) == names[kind], "\(key)")
        }
        #expect(KeyKind("Q:commands", of: keys) == nil && KeyKind("P:other", of: keys) == nil)
    }

    @Test("is told also where the prefix is a hash tag, whatever stands in an id")
    func tagged() throws {
        let keys = try BusKeys(prefix: "{cano-0}")
        #expect(KeyKind(keys.record(of: "a:log:b"), of: keys) == .hash)
        #expect(KeyKind(keys.log(of: "run"), of: keys) == .list)
    }
}
