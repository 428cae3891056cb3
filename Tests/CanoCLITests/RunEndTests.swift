import Testing

@testable import CanoCLI

@Suite("The end of a run on the command line", .timeLimit(.minutes(1)))
struct RunEndTests {
    @Test("gives the output of a run that completed")
    func completed() throws {
        let end = RunEnd(event: ReceivedEvent(fields: ["type": "cano.run.completed"]), output: "55")
        #expect(try end.requireOutput() == "55")
    }

    @Test("gives the output of a run that had completed before")
    func completedBefore() throws {
        let event = ReceivedEvent(fields: ["type": "cano.run.duplicate", "data": #"{"status":"completed"}"#])
        #expect(event.hasRunEnded)
        #expect(try RunEnd(event: event, output: "55").requireOutput() == "55")
    }

    @Test(
        "is an error that names the event when the run did not complete",
        arguments: ["cano.run.failed", "cano.run.cancelled", "cano.command.rejected"])
    func notCompleted(_ type: String) {
        let end = RunEnd(event: ReceivedEvent(fields: ["type": type, "data": #"{"code":"refused"}"#]), output: nil)
        let error = #expect(throws: CommandLineError.self) { try end.requireOutput() }
        #expect(error?.code == .runNotCompleted)
        #expect(error?.message == type + #": {"code":"refused"}"#)
    }

    @Test("is an error that says so when the run had ended before, and not completed")
    func endedBefore() {
        let event = ReceivedEvent(fields: ["type": "cano.run.duplicate", "data": #"{"status":"failed"}"#])
        let error = #expect(throws: CommandLineError.self) { try RunEnd(event: event, output: nil).requireOutput() }
        #expect(error?.message.hasPrefix("The run ended before: ") == true)
    }

    @Test("is an error when the record has been removed with the output")
    func removed() {
        let end = RunEnd(event: ReceivedEvent(fields: ["type": "cano.run.completed"]), output: nil)
        #expect(throws: CommandLineError.self) { try end.requireOutput() }
    }

    @Test("has not come with an event on the way", arguments: ["cano.run.started", "cano.state.entered", "cano.run.resumed", ""])
    func onTheWay(_ type: String) {
        #expect(!ReceivedEvent(fields: ["type": type, "data": #"{"status":"completed"}"#]).hasRunEnded)
    }

    @Test("has not come when the known run has not ended", arguments: ["scheduled", "running"])
    func known(_ status: String) {
        let event = ReceivedEvent(fields: ["type": "cano.run.duplicate", "data": #"{"status":"\#(status)"}"#])
        #expect(!event.hasRunEnded)
    }

    @Test("is what `cancel` waited for when the run was cancelled, now or before")
    func cancelled() {
        let events = [
            ReceivedEvent(fields: ["type": "cano.run.cancelled"]),
            ReceivedEvent(fields: ["type": "cano.run.duplicate", "data": #"{"status":"cancelled"}"#]),
        ]
        for event in events {
            #expect(throws: Never.self) { try RunEnd(event: event, output: nil).requireCancellation() }
        }
    }

    @Test(
        "is not what `cancel` waited for in every other case",
        arguments: ["cano.run.completed", "cano.run.failed", "cano.command.rejected"])
    func notCancelled(_ type: String) {
        let end = RunEnd(event: ReceivedEvent(fields: ["type": type]), output: "1")
        let error = #expect(throws: CommandLineError.self) { try end.requireCancellation() }
        #expect(error?.message.contains(type) == true)
    }
}
