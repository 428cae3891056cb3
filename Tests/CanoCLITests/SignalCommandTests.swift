import ArgumentParser
import Testing

@testable import CanoCLI

@Suite("The command that sends a signal", .timeLimit(.minutes(5)))
struct SignalCommandTests {
    @Test("needs a run and a name, and waits when it is told to")
    func parsed() throws {
        let least = try SignalRunCommand.parse(["order-42", "approved"])
        #expect(least.id == "order-42" && least.name == "approved" && least.data == nil && least.messageID == nil && least.keep == nil)
        #expect(!least.waiting.wait && least.waiting.timeout == .seconds(40))
        let most = try SignalRunCommand.parse([
            "order-42", "approved", "--data", "-5", "--message-id", "mail/7", "--keep-seconds", "1.5", "--wait", "--timeout-seconds", "3",
            "--reply-to", "desk",
        ])
        #expect(most.data == "-5" && most.messageID == "mail/7" && most.keep == .milliseconds(1_500))
        #expect(most.waiting.wait && most.waiting.timeout == .seconds(3) && most.waiting.replyTo == "desk")
    }

    @Test(
        "refuses what no bridge would take",
        arguments: [
            [], ["order-42"], ["a//b", "approved"], ["order-42", "no name"], ["order-42", "n", "--message-id", "a b"],
            ["order-42", "n", "--keep-seconds", "-1"], ["order-42", "n", "--reply-to", "a:b"],
        ])
    func refused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try SignalRunCommand.parse(arguments) }
    }
}
