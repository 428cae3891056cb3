import ArgumentParser
import CanoRedis
import Testing

@testable import CanoCLI

@Suite("The options of commands", .timeLimit(.minutes(1)))
struct OptionTests {
    @Test("name a server and a prefix")
    func redis() throws {
        let options = try RedisOptions.parse(["--redis", "redis://example.org:7000/2", "--prefix", "shop"])
        #expect(try options.configuration.address == .host("example.org", port: 7_000))
        #expect(options.prefix == "shop")
        #expect(try RedisOptions.parse([]).prefix == "cano")
    }

    @Test("refuse run ids that no answer could name", arguments: ["", "a b", "ü", String(repeating: "x", count: 201)])
    func runIDs(_ id: String) {
        #expect(throws: (any Error).self) { try StartRunCommand.parse(["numbers", "--id", id]) }
        #expect(throws: (any Error).self) { try CancelRunCommand.parse([id]) }
        #expect(throws: (any Error).self) { try ResumeRunCommand.parse([id]) }
    }

    @Test("refuse reply names that no answer could be written to", arguments: ["", "a b", "a:b", String(repeating: "x", count: 101)])
    func replyNames(_ name: String) {
        #expect(throws: (any Error).self) { try RunWaitOptions.parse(["--reply-to", name]) }
    }

    @Test("give the time to wait in seconds")
    func timeouts() throws {
        #expect(try RunWaitOptions.parse(["--timeout-seconds", "0.5"]).timeout == .milliseconds(500))
        #expect(try RunWaitOptions.parse([]).timeout == nil)
        #expect(try ScheduleWaitOptions.parse([]).timeout == .seconds(40))
    }
}
