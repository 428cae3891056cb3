import ArgumentParser
import CanoRedis
import Testing

@testable import CanoCLI

@Suite("The options of commands", .timeLimit(.minutes(5)))
struct OptionTests {
    @Test("name a server and a prefix")
    func redis() throws {
        let options = try RedisOptions.parse(["--redis", "redis://example.org:7000/2", "--prefix", "shop"])
        #expect(try options.configuration.address == .host("example.org", port: 7_000))
        #expect(options.prefix == "shop")
        #expect(try RedisOptions.parse([]).prefix == "cano")
    }

    @Test("refuse run ids that no answer could name", arguments: ["", "a b", "ü", "a//b", String(repeating: "x", count: 201)])
    func runIDs(_ id: String) {
        #expect(throws: (any Error).self) { try StartRunCommand.parse(["numbers", "--id", id]) }
        #expect(throws: (any Error).self) { try CancelRunCommand.parse([id]) }
        #expect(throws: (any Error).self) { try ResumeRunCommand.parse([id]) }
    }

    @Test("refuse reply names that no answer could be written to", arguments: ["", "a b", "a:b", String(repeating: "x", count: 101)])
    func replyNames(_ name: String) {
        #expect(throws: (any Error).self) { try RunWaitOptions.parse(["--reply-to", name]) }
    }

    @Test("check a worker on a prefix of its own, with work that is JSON")
    func workerCheck() throws {
        let command = try CheckWorkerCommand.parse(["--queue", "payments"])
        #expect(command.prefix == "cano-check" && command.input == #"{"check":"succeed"}"#)
        #expect(command.failingInput == nil && command.slowInput == nil && command.lease == .seconds(2) && command.patience == .seconds(60))
        #expect(throws: (any Error).self) { try CheckWorkerCommand.parse([]) }
        #expect(throws: (any Error).self) { try CheckWorkerCommand.parse(["--queue", "payments", "--lease-seconds", "0.05"]) }
        #expect(throws: (any Error).self) { try CheckWorkerCommand.parse(["--queue", "payments", "--patience-seconds", "0"]) }
    }

    @Test("give the time to wait in seconds")
    func timeouts() throws {
        #expect(try RunWaitOptions.parse(["--timeout-seconds", "0.5"]).timeout == .milliseconds(500))
        #expect(try RunWaitOptions.parse([]).timeout == nil)
        #expect(try ScheduleWaitOptions.parse([]).timeout == .seconds(40))
    }
}
