import CanoCore
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("What a step writes", .timeLimit(.minutes(5)))
struct StepWritesTests {
    private var writes = StepWrites(RunStoreContents(["n": Array("1".utf8)]))
    private let number = StoreKey<Int>("n")

    private func increment(in store: String? = nil) -> StagedWrite { StagedWrite(store: store, key: "n", operation: .increment(2)) }

    @Test("is seen by what comes after it in the step, and dropped with it")
    mutating func dropped() throws {
        try writes.add([increment()])
        try writes.add([increment()])
        #expect(try writes.store.get(number) == 5)
        writes.drop()
        #expect(try writes.store.get(number) == 1 && writes.store.changes.values.isEmpty)
    }

    @Test("stays once Redis has it")
    mutating func settled() throws {
        try writes.add([increment(), increment(in: "s")])
        #expect(writes.shared?.stores == ["s"] && writes.store.changes.values.map(\.field) == ["n"])
        writes.settle()
        #expect(writes.shared == nil && writes.store.changes.values.isEmpty)
        writes.drop()
        #expect(try writes.store.get(number) == 3, "there is nothing left to drop")
    }

    @Test("is dropped whole when a part of it fits nowhere")
    mutating func unfit() throws {
        try writes.add([increment(in: "s"), increment()])
        #expect(throws: CanoError.self) { try writes.add([StagedWrite(key: "n", operation: .append("x"))]) }
        #expect(writes.shared == nil)
        #expect(try writes.store.get(number) == 1)
    }

    @Test("may be refused only where it depends on what a shared store holds")
    mutating func refusable() throws {
        try writes.add([increment(), StagedWrite(store: "s", key: "k", operation: .put(1))])
        #expect(!writes.mayBeRefused)
        try writes.add([increment(in: "s")])
        #expect(writes.mayBeRefused)
    }
}
