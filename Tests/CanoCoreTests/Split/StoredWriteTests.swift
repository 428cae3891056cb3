import CanoPrimitives
import Testing

@testable import CanoCore

@Suite struct StoredWriteTests {
    private struct Point: Codable, Equatable, Sendable {
        var x: Double
        var note: String?
    }

    private func again(_ write: StagedWrite) throws -> StagedWrite {
        let json = try StoredWrite(write).json
        return try JSONValue.decode(StoredWrite.self, from: json.utf8).staged
    }

    private func applied(_ writes: [StagedWrite], to store: MemoryStore = MemoryStore()) throws -> MemoryStore {
        try store.apply(try writes.map(again))
        return store
    }

    @Test("a value that was put is read as its type")
    func put() async throws {
        let store = try applied([
            StagedWrite(key: "int", operation: .put(Int.max)), StagedWrite(key: "text", operation: .put("a \"quote\" / \u{1F600}\n")),
            StagedWrite(key: "point", operation: .put(Point(x: 0.1, note: nil))), StagedWrite(key: "none", operation: .put(Int?.none)),
            StagedWrite(key: "claimed", operation: .putIfAbsent([1, 2])),
        ])
        #expect(store["int"] == Int.max)
        #expect(store["text"] == "a \"quote\" / \u{1F600}\n")
        #expect(store["point"] == Point(x: 0.1))
        #expect(store["none"] == Int??.some(nil))
        #expect(store["claimed"] == [1, 2])
        #expect(try await store.increment("int", by: -1) == Int.max - 1)
        await #expect(throws: CanoError.self) { try await store.get(StoreKey<Int>("text")) }
    }

    @Test("elements join lists of whatever origin")
    func append() async throws {
        let store = MemoryStore()
        store["typed"] = [Point(x: 1)]
        let add = ["typed", "new", "stored"].map { StagedWrite(key: $0, operation: .append(Point(x: 2, note: "n"))) }
        _ = try applied([StagedWrite(key: "stored", operation: .put([Point(x: 5)]))] + add + add, to: store)
        let added = Array(repeating: Point(x: 2, note: "n"), count: 2)
        #expect(store["typed"] == [Point(x: 1)] + added)
        #expect(store["new"] == added)
        #expect(store["stored"] == [Point(x: 5)] + added)
        try await store.append(Point(x: 3), to: "new")
        #expect(store["new"] == added + [Point(x: 3)])
    }

    @Test("an element that does not fit what is there is refused, and changes nothing", arguments: ["text", "points"])
    func misfit(key: String) throws {
        let store = MemoryStore()
        store["text"] = "text"
        store["points"] = [Point(x: 1)]
        #expect(throws: CanoError.self) { try applied([StagedWrite(key: key, operation: .append("element"))], to: store) }
        #expect(store["text"] == "text")
        #expect(store["points"] == [Point(x: 1)])
    }

    @Test("sums and removals stay what they are, and the store they go to")
    func others() throws {
        let store = MemoryStore()
        store["sum"] = 4
        store["gone"] = 1
        _ = try applied([StagedWrite(key: "sum", operation: .increment(-7)), StagedWrite(key: "gone", operation: .remove)], to: store)
        #expect(store["sum"] == -3)
        #expect(!store.contains("gone"))
        #expect(try again(StagedWrite(store: "shared", key: "k", operation: .remove)).store == "shared")
    }

    @Test("a value that is no JSON is refused when it is kept")
    func unencodable() {
        #expect(throws: CanoError.self) { try StoredWrite(StagedWrite(key: "k", operation: .put(Double.infinity))) }
    }

    @Test("what was kept counts against a store's limit like any value")
    func metered() async throws {
        let store = MemoryStore(boundedBy: .whole)
        let text = String(repeating: "x", count: StoreLimit.runBytes - 20)
        _ = try applied([StagedWrite(key: "k", operation: .put(text))], to: store)
        #expect(throws: CanoError.self) { try applied([StagedWrite(key: "l", operation: .put("a text of some length"))], to: store) }
    }
}
