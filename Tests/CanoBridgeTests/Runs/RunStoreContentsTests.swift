import CanoCore
import Synchronization
import Testing

@testable import CanoBridge

@Suite("The store of a run in its owner's memory", .timeLimit(.minutes(5)))
struct RunStoreContentsTests {
    private let number = StoreKey<Int>("number")
    private let list = StoreKey<[String]>("list")

    @Test("applies writes in their order")
    func order() throws {
        var store = RunStoreContents()
        try store.apply([
            StagedWrite(key: "number", operation: .put(3)), StagedWrite(key: "number", operation: .increment(4)),
            StagedWrite(key: "number", operation: .putIfAbsent(100)), StagedWrite(key: "gone", operation: .put("x")),
            StagedWrite(key: "gone", operation: .remove), StagedWrite(key: "list", operation: .append("a")),
            StagedWrite(key: "list", operation: .append("b\"")),
        ])
        #expect(try store.get(number) == 7)
        #expect(try store.get(list) == ["a", "b\""])
        #expect(store.keys == ["list", "number"])
    }

    @Test("applies all writes of an attempt or none")
    func allOrNothing() throws {
        var store = RunStoreContents(["number": Array("1".utf8)])
        #expect(throws: CanoError.self) {
            try store.apply([
                StagedWrite(key: "number", operation: .increment(1)), StagedWrite(key: "number", operation: .append("x")),
            ])
        }
        #expect(try store.get(number) == 1)
    }

    @Test("refuses to hold more than a mebibyte, and says what to do")
    func limit() throws {
        var store = RunStoreContents()
        let error = #expect(throws: CanoError.self) {
            try store.apply([StagedWrite(key: "big", operation: .put(String(repeating: "x", count: 1 << 20)))])
        }
        #expect(error?.category == .store)
        #expect(error?.message.contains("1048576") == true)
        #expect(store.keys.isEmpty)
    }

    @Test("reads what another process has written, and says when it is of another type")
    func foreignValues() throws {
        let store = RunStoreContents(["list": Array(#"["a"]"#.utf8), "number": Array(#""seven""#.utf8)])
        #expect(try store.get(list) == ["a"])
        #expect(throws: CanoError.self) { try store.get(number) }
    }

    /// Counts how often it is decoded.
    private struct Counted: Codable, Sendable, Equatable {
        @TaskLocal static var decoded = Counter()

        final class Counter: Sendable {
            let count = Atomic(0)
        }

        let number: Int

        init(_ number: Int) { self.number = number }

        init(from decoder: any Decoder) throws {
            number = try decoder.singleValueContainer().decode(Int.self)
            Self.decoded.count.add(1, ordering: .relaxed)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(number)
        }
    }

    @Test("decodes a list once, however often it is read and added to")
    func decodedOnce() throws {
        let (key, counter) = (StoreKey<[Counted]>("list"), Counted.Counter())
        try Counted.$decoded.withValue(counter) {
            var store = RunStoreContents(["list": Array("[1,2]".utf8)])
            let first = try store.getAndKeep(key)
            #expect(first == [Counted(1), Counted(2)])
            try store.apply([StagedWrite(key: "list", operation: .append(Counted(3)))])
            let read = try store.getAndKeep(key)
            #expect(read == [Counted(1), Counted(2), Counted(3)])
            #expect(counter.count.load(ordering: .relaxed) == 2)
            let written = RunStoreContents(["list": store.changes.values[0].json])
            #expect(try written.get(key) == read, "what Redis is told is the same list")
        }
    }

    @Test("decodes nothing of a list that began here")
    func begunHere() throws {
        let (key, counter) = (StoreKey<[Counted]>("list"), Counted.Counter())
        try Counted.$decoded.withValue(counter) {
            var store = RunStoreContents()
            for number in 1...2 { try store.apply([StagedWrite(key: "list", operation: .append(Counted(number)))]) }
            #expect(try store.get(key) == [Counted(1), Counted(2)])
            #expect(counter.count.load(ordering: .relaxed) == 0)
        }
    }

    @Test("does not overflow")
    func overflow() throws {
        var store = RunStoreContents()
        try store.apply([StagedWrite(key: "number", operation: .put(Int.max))])
        #expect(throws: CanoError.self) { try store.apply([StagedWrite(key: "number", operation: .increment(1))]) }
    }

    @Test("changes that come to nothing leave what Redis has, and nothing to be written")
    func dropped() throws {
        let text = StoreKey<String>("text")
        var store = RunStoreContents(["number": Array("1".utf8), "text": Array(#""old""#.utf8)])
        try store.apply([
            StagedWrite(key: "number", operation: .increment(1)), StagedWrite(key: "text", operation: .remove),
            StagedWrite(key: "list", operation: .append("a")),
        ])
        try store.apply([StagedWrite(key: "number", operation: .increment(1)), StagedWrite(key: "text", operation: .put("new"))])
        #expect(Set(store.changes.values.map(\.field)) == ["number", "text", "list"])
        store.dropChanges()
        #expect(store.changes.values.isEmpty)
        #expect(try store.get(number) == 1)
        #expect(try store.get(text) == "old")
        #expect(store.keys == ["number", "text"])
        try store.apply([StagedWrite(key: "text", operation: .remove)])
        store.forgetChanges()
        try store.apply([StagedWrite(key: "number", operation: .remove)])
        store.dropChanges()
        #expect(store.keys == ["number"])
    }

    @Test("a step costs no more in a large store, whether it is kept or dropped")
    func largeStore() throws {
        var store = RunStoreContents(Dictionary(uniqueKeysWithValues: (0..<20_000).map { ("value-\($0)", Array("1".utf8)) }))
        let clock = ContinuousClock()
        func steps(_ count: Int) throws -> Duration {
            try clock.measure {
                for step in 0..<count {
                    try store.apply([StagedWrite(key: "number", operation: .increment(1))])
                    if step % 2 == 0 { store.forgetChanges() } else { store.dropChanges() }
                }
            }
        }
        // Copying the store for each of these would take a minute.
        #expect(try steps(20_000) < .seconds(20))
        #expect(try store.get(number) == 10_000)
    }
}
