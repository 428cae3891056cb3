import CanoBridge
import CanoBridgeTesting
import CanoBus
import CanoClient
import CanoRedis
import CanoTesting
import Testing

@Suite("The dead letters that a client reads", .serialized, .timeLimit(.minutes(2)))
struct DeadLetterTests {
    @Test("have the command as it was, and go when it is published again")
    func requeued() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let misfit = WorkflowReference<Int, String>("answering")
            _ = await #expect(throws: ClientError.self) { try await bus.execute(misfit, 7, id: "a") }
            let letters = try await bus.deadLetters()
            let (id, letter) = try #require(letters.first)
            #expect(letters.count == 1)
            #expect(letter.code == "invalid_input")
            #expect(!letter.isQuarantine)
            #expect(letter.fields["workflow"] == "answering")
            #expect(letter.fields["input"] == "7")
            #expect(letter.fields["error_code"] == nil)
            try await bus.requeueDeadLetter(id)
            try await eventually(within: .seconds(20), "it was rejected again") {
                try await bus.deadLetters(after: id).count == 1
            }
            #expect(try await bus.deadLetters().allSatisfy { $0.id != id })
            let error = await #expect(throws: ClientError.self) { try await bus.requeueDeadLetter(id) }
            #expect(error?.code == .unknownDeadLetter)
        }
    }

    @Test("are deleted")
    func deleted() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            _ = await #expect(throws: ClientError.self) { try await bus.execute(WorkflowReference<Int, String>("answering"), 7) }
            for (id, _) in try await bus.deadLetters() { try await bus.deleteDeadLetter(id) }
            #expect(try await bus.deadLetters().isEmpty)
        }
    }
}
