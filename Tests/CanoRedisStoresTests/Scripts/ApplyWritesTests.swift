import CanoCore
import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that applies a step's writes", .timeLimit(.minutes(5)))
struct ApplyWritesTests {
    private func call(_ writes: [StagedWrite]) throws -> ApplyWrites {
        let shared = try SharedWrites(writes)
        return ApplyWrites(mark: "mark", remembered: .seconds(60), stores: shared.stores.map { "p:\($0)" }, writes: shared)
    }

    private func write(_ key: String, _ operation: StagedWrite.Operation, to store: String = "a") -> StagedWrite {
        StagedWrite(store: store, key: key, operation: operation)
    }

    @Test("writes all of them to their stores, once however often it is repeated, and remembers that for a time")
    func applied() async throws {
        try await ScriptTable.run { table in
            try await table.set("p:a", ["n": "40", "list": "[1]", "old": "1", "kept": "1"])
            let call = try call([
                write("n", .increment(2)), write("list", .append(2)), write("old", .remove), write("new", .putIfAbsent("é")),
                write("n", .put(7), to: "b"), write("n", .increment(1), to: "b"),
            ])
            for _ in 0..<2 {
                let refusal = try await table.answer(call)
                #expect(refusal == nil)
                #expect(try await table.hash("p:a") == ["n": "42", "list": "[1,2]", "new": "\"é\"", "kept": "1"])
                #expect(try await table.hash("p:b") == ["n": "8"])
            }
            let left = try await table.client.execute(raw: RESPCommand("PTTL", "mark")).integerValue ?? 0
            #expect((50_000...60_000).contains(left))
        }
    }

    @Test("writes nothing when one of them meets a value that was set before, or one it does not fit")
    func refused() async throws {
        try await ScriptTable.run { table in
            let before = ["n": "40", "text": "\"t\"", "huge": "9223372036854775807"]
            let cases: [(writes: [StagedWrite], isConflict: Bool)] = [
                ([write("m", .put(1)), write("n", .putIfAbsent(1))], true), ([write("m", .put(1)), write("text", .increment(1))], false),
                ([write("m", .put(1)), write("text", .append(1))], false), ([write("m", .put(1)), write("huge", .increment(1))], false),
            ]
            for (writes, isConflict) in cases {
                try await table.set("p:a", before)
                let refusal = try await table.answer(try call(writes))
                #expect(isConflict ? refusal is StepConflict : (refusal as? CanoError)?.category == .store)
                #expect(try await table.hash("p:a") == before)
                #expect(try await table.client.execute(EXISTS("mark")) == 0)
            }
        }
    }
}
