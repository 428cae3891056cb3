import CanoBus
import Testing

@testable import CanoCLI

@Suite("The end of a run on the command line", .timeLimit(.minutes(1)))
struct RunEndTests {
    private func end(_ type: EventType, _ status: RunStatus?, output: String? = nil) -> RunEnd {
        RunEnd(event: .with([.type: type.rawValue, .data: #"{"code":"refused"}"#]), status: status, output: output)
    }

    @Test("gives the output of a run that completed, now or before", arguments: [EventType.runCompleted, .runDuplicate])
    func completed(_ type: EventType) throws {
        #expect(try end(type, .completed, output: "55").requireOutput() == "55")
    }

    @Test(
        "is an error that names the event when the run did not complete",
        arguments: [(.runFailed, .failed), (.runCancelled, .cancelled), (.commandRejected, nil)] as [(EventType, RunStatus?)])
    func notCompleted(_ type: EventType, _ status: RunStatus?) {
        let error = #expect(throws: CommandLineError.self) { try end(type, status).requireOutput() }
        #expect(error?.code == .runNotCompleted)
        #expect(error?.message == type.rawValue + #": {"code":"refused"}"#)
    }

    @Test("is an error that says so when the run had ended before, and not completed")
    func endedBefore() {
        let error = #expect(throws: CommandLineError.self) { try end(.runDuplicate, .failed).requireOutput() }
        #expect(error?.message.hasPrefix("The run ended before: ") == true)
    }

    @Test("is an error when the record has been removed with the output")
    func removed() {
        #expect(throws: CommandLineError.self) { try end(.runCompleted, .completed).requireOutput() }
    }

    @Test("is what `cancel` waited for when the run was cancelled, now or before", arguments: [EventType.runCancelled, .runDuplicate])
    func cancelled(_ type: EventType) {
        #expect(throws: Never.self) { try end(type, .cancelled).requireCancellation() }
    }

    @Test(
        "is not what `cancel` waited for in every other case",
        arguments: [(.runCompleted, .completed), (.runFailed, .failed), (.commandRejected, nil)] as [(EventType, RunStatus?)])
    func notCancelled(_ type: EventType, _ status: RunStatus?) {
        let error = #expect(throws: CommandLineError.self) { try end(type, status).requireCancellation() }
        #expect(error?.message.contains(type.rawValue) == true)
    }
}
