import CanoCore
import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The script that appends an element", .timeLimit(.minutes(5)))
struct AppendElementTests {
    private func call() throws -> AppendElement {
        AppendElement(store: "p:a", element: try SharedWrites([StagedWrite(store: "a", key: "list", operation: .append(2))]))
    }

    @Test(
        "writes a list with the element behind the others",
        arguments: [(nil, "[2]"), ("[]", "[2]"), ("[1]", "[1,2]"), (" [ 1 ] ", " [ 1 ,2]"), ("[ ]", "[ 2]")])
    func appended(before: String?, after: String) async throws {
        try await ScriptTable.run { table in
            try await table.set("p:a", before.map { ["list": $0] } ?? [:])
            let refusal = try await table.answer(try call())
            #expect(refusal == nil)
            #expect(try await table.hash("p:a") == ["list": after])
        }
    }

    @Test("writes nothing where there is no list")
    func refused() async throws {
        try await ScriptTable.run { table in
            try await table.set("p:a", ["list": "{}"])
            #expect(try await table.answer(try call()) is CanoError)
            #expect(try await table.hash("p:a") == ["list": "{}"])
        }
    }
}
