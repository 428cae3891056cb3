import CanoBus
import Testing

@testable import CanoClient

@Suite("The answer to a command about a run", .timeLimit(.minutes(5)))
struct RunAnswerTests {
    private static let failure = RunFailure(code: "refused", message: "no", category: "task_execution", state: "pay")

    private func answer(_ type: EventType, _ data: String, id: String? = nil) throws -> RunAnswer? {
        let id = id ?? (type == .runDuplicate ? "order-1/duplicate/commands/1000-0" : "order-1/0000000003")
        return try RunAnswer(
            .with([.id: id, .type: type.rawValue, .subject: "order-1", .data: data]), to: CommandEntryID("1000-0", on: .commands))
    }

    @Test("is the run's end")
    func ends() throws {
        #expect(
            try answer(.runCompleted, RunCompleted(state: "done", output: "55", duration: 1).json) == .completed(output: "55"))
        let failed = RunFailed(state: "pay", error: Self.failure.json, rollback: .clean, isResumable: false, duration: 1)
        #expect(try answer(.runFailed, failed.json) == .failed(Self.failure))
        let cancelled = RunCancelled(state: "pay", reason: "sold out", rollback: .none, duration: 1)
        #expect(try answer(.runCancelled, cancelled.json) == .cancelled(reason: "sold out"))
    }

    @Test("is an end without an output where the event leaves it out")
    func large() throws {
        let long = "\"" + String(repeating: "x", count: BusLimits.inlineOutputBytes) + "\""
        #expect(try answer(.runCompleted, RunCompleted(state: "done", output: long, duration: 1).json) == .completed(output: nil))
    }

    @Test("is to come after an event on the way")
    func onTheWay() throws {
        #expect(try answer(.stateEntered, StateEntered(state: "pay", previous: nil).json) == nil)
        #expect(try RunAnswer(.with([.type: "cano.run.paused", .subject: "order-1"]), to: CommandEntryID("1000-0", on: .commands)) == nil)
    }

    @Test("is the end that the run had before, or is to come where it had none")
    func duplicates() throws {
        func duplicate(_ status: RunStatus) -> String {
            RunDuplicate(
                status: status, hasSameWorkflow: true, hasSameInput: true, output: status == .completed ? "55" : nil,
                error: status == .failed ? Self.failure.json : nil
            ).json
        }
        #expect(try answer(.runDuplicate, duplicate(.scheduled)) == nil)
        #expect(try answer(.runDuplicate, duplicate(.running)) == nil)
        #expect(try answer(.runDuplicate, duplicate(.waiting)) == nil)
        #expect(try answer(.runDuplicate, duplicate(.completed)) == .completed(output: "55"))
        #expect(try answer(.runDuplicate, duplicate(.failed)) == .failed(Self.failure))
        #expect(try answer(.runDuplicate, duplicate(.cancelled)) == .cancelled(reason: nil))
    }

    @Test("is not the duplicate of another command about the same run")
    func otherDuplicate() throws {
        let data = RunDuplicate(status: .completed, hasSameWorkflow: true, hasSameInput: false).json
        #expect(try answer(.runDuplicate, data, id: "order-1/duplicate/commands/1000-1") == nil)
    }

    @Test("says that the id belongs to another run, also while that goes on", arguments: RunStatus.allCases)
    func otherRun(_ status: RunStatus) throws {
        #expect(try answer(.runDuplicate, RunDuplicate(status: status, hasSameWorkflow: false, hasSameInput: true).json) == .otherRun)
        #expect(try answer(.runDuplicate, RunDuplicate(status: status, hasSameWorkflow: true, hasSameInput: false).json) == .otherRun)
    }

    @Test("is the rejection of the command itself, and not of another about the same run")
    func rejected() throws {
        let data = CommandRejected(Rejection(.expired, "too late", of: Rejection.Addressee()), entry: "1000-0", fields: []).json
        #expect(try answer(.commandRejected, data, id: "command/commands/1000-0") == .rejected(.expired, "too late"))
        #expect(try answer(.commandRejected, data, id: "command/commands/1000-1") == nil)
    }

    @Test("can't be told from a duplicate that does not say the status", arguments: ["", "{", "{}", #"{"status":"lost"}"#])
    func unreadable(_ data: String) {
        let error = #expect(throws: BusError.self) { try answer(.runDuplicate, data) }
        #expect(error?.code == .unreadableEvent)
    }

    @Test("is what the record says of a run that is over")
    func record() throws {
        func record(_ fields: [Field: String]) throws -> RunRecord {
            let all = fields.merging([.workflow: "orders", .epoch: "1", .events: "1", .rows: "1"]) { $1 }
            let texts = Dictionary(uniqueKeysWithValues: all.map { ($0.key.rawValue, $0.value) })
            return try #require(try RunRecord(texts, of: "order-1"))
        }
        #expect(try RunAnswer(try record([.status: "running"])) == nil)
        #expect(try RunAnswer(try record([.status: "waiting"])) == nil)
        #expect(try RunAnswer(try record([.status: "completed", .output: "55"])) == .completed(output: "55"))
        #expect(try RunAnswer(try record([.status: "failed", .error: Self.failure.json])) == .failed(Self.failure))
        #expect(try RunAnswer(try record([.status: "cancelled", .cancel: "sold out"])) == .cancelled(reason: "sold out"))
        #expect(throws: BusError.self) { try RunAnswer(try record([.status: "failed", .error: "{"])) }
    }
}
