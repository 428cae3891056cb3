import CanoBridge
import CanoBridgeTesting
import CanoClient
import CanoCore
import CanoTesting
import ExampleWorkflows
import Foundation
import Synchronization
import Testing

@Suite("The workflows", .timeLimit(.minutes(1)))
struct WorkflowTests {
    @Test("twenty files are added up, and written as one table")
    func salesImport() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for number in 1...20 {
            try Data("tea,\(number)\npot,1\n".utf8).write(to: folder.appending(path: "day-\(number).csv"))
        }
        let totals = try await ExampleWorkflows.salesImport.run(SalesFolder(path: folder.path))
        #expect(totals == ["tea": 210, "pot": 20])
        #expect(try String(contentsOf: folder.appending(path: "totals.txt"), encoding: .utf8) == "pot,20\ntea,210\n")

        try Data("tea;1\n".utf8).write(to: folder.appending(path: "day-21.csv"))
        let error = await #expect(throws: CanoError.self) {
            try await ExampleWorkflows.salesImport.run(SalesFolder(path: folder.path))
        }
        #expect(error?.causes.first?.code == "bad_line")
    }

    /// Asks for a tool so many times before it answers.
    private struct Curious: Model {
        let questions: Int

        func reply(to messages: [String]) async throws -> Reply {
            messages.count > questions ? .answer(messages.joined(separator: "; ")) : .call(tool: "clock", argument: "now")
        }
    }

    @Test("a model uses a tool until it knows the answer, or the budget is spent")
    func agent() async throws {
        let tools: [String: @Sendable (String) async throws -> String] = ["clock": { _ in "noon" }]
        let answer = try await ExampleWorkflows.agent(Curious(questions: 2), tools: tools).run("What time is it?")
        #expect(answer == "What time is it?; clock(now) = noon; clock(now) = noon")
        let error = await #expect(throws: CanoError.self) {
            try await ExampleWorkflows.agent(Curious(questions: 100), tools: tools).run("What time is it?")
        }
        #expect(error?.code == "budget_spent")
    }

    /// Writes down what is asked of it, and cannot ship.
    private final class LogbookShop: Shop {
        struct NoCarrier: TerminalError {}

        private let calls = Mutex<[String]>([])
        var log: [String] { calls.withLock { $0 } }

        private func note(_ call: String) -> String {
            calls.withLock { $0.append(call) }
            return call
        }

        func reserve(_ article: String, key: String) async throws -> String { note("reserve \(article)") }
        func release(_ reservation: String, key: String) async throws { _ = note("undo: \(reservation)") }
        func charge(_ cents: Int, key: String) async throws -> String { note("charge \(cents)") }
        func refund(_ payment: String, key: String) async throws { _ = note("undo: \(payment)") }
        func ship(_ article: String, key: String) async throws -> String { throw NoCarrier() }
    }

    @Test("a payment that cannot be shipped is refunded, and the article goes back")
    func payment() async throws {
        let shop = LogbookShop()
        let error = await #expect(throws: CanoError.self) {
            try await ExampleWorkflows.payment(through: shop).run(Purchase(article: "glass", cents: 900))
        }
        #expect(error?.rollback == .clean)
        #expect(shop.log == ["reserve glass", "charge 900", "undo: charge 900", "undo: reserve glass"])
    }

    @Test("on a bridge they do the same")
    func onABridge() async throws {
        let payment = ExampleWorkflows.payment(through: CornerShop())
        let agent = ExampleWorkflows.agent(Calculator(), tools: ["add": Calculator.add])
        try await withBridge {
            try $0.register(payment)
            try $0.register(agent)
        } run: { bus in
            let parcel = try await bus.execute(payment.reference, Purchase(article: "tea", cents: 450))
            #expect(parcel == "parcel with tea")
            let error = await #expect(throws: ClientError.self) {
                try await bus.execute(payment.reference, Purchase(article: "glass", cents: 900), id: "glass")
            }
            #expect(error?.code == .runFailed)
            #expect(try await bus.record(of: "glass")?.rollback == .clean)
            #expect(try await bus.execute(agent.reference, "What are 19 and 23?") == "It is 42.")
        }
    }
}
