import CanoBridge
import CanoBridgeTesting
import CanoBus
import CanoClient
import CanoCore
import CanoRedis
import CanoTesting
import Testing

@Suite("The graph of a workflow, as a client reads it", .serialized, .timeLimit(.minutes(2)))
struct WorkflowGraphTests {
    @Test("is the workflow's own, and there is none of what no bridge has had")
    func graph() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            try await eventually(within: .seconds(20), "it is published") {
                try await bus.graph(of: "answering", version: answering.version) != nil
            }
            #expect(try await bus.graph(of: "answering", version: answering.version) == answering.graph())
            #expect(try await bus.graph(of: "answering", version: "other") == nil)
            let error = await #expect(throws: BusError.self) { try await bus.graph(of: "no name", version: "1") }
            #expect(error?.code == .invalidName)
        }
    }
}
