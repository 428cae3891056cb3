import ArgumentParser
import CanoBridge
import CanoBus
import Testing

@testable import CanoCLI

@Suite("The options of `serve`", .timeLimit(.minutes(5)))
struct ServeOptionTests {
    @Test("become the bridge's settings")
    func settings() throws {
        let options = try ServeOptions.parse([
            "--prefix", "shop", "--name", "till", "--max-runs", "8", "--events", "tasks", "--lease-seconds", "3", "--heartbeat-seconds",
            "1",
            "--drain-seconds", "2", "--grace-seconds", "0.5", "--retention-seconds", "60", "--failed-retention-seconds", "120",
            "--event-retention-seconds", "30", "--max-events", "5",
            "--max-dead-letters", "6", "--reply-retention-seconds", "7", "--max-answers", "8", "--allow-eviction",
            "--unknown-workflow-seconds", "7", "--new-workflow-seconds", "4", "--max-event-bytes", "9", "--max-dead-letter-bytes", "10",
            "--dead-letter-retention-seconds", "11", "--abandon-seconds", "4",
        ])
        let settings = options.configuration(redis: try options.redis.configuration)
        #expect(settings.prefix == "shop")
        #expect(settings.name == "till")
        #expect(settings.maximumRuns == 8)
        #expect(settings.limits.lease == .seconds(3))
        #expect(settings.limits.heartbeat == .seconds(1))
        #expect(settings.drainTime == .seconds(2))
        #expect(settings.gracePeriod == .milliseconds(500))
        #expect(settings.limits.retention == .seconds(60))
        #expect(settings.limits.failedRetention == .seconds(120))
        #expect([settings.limits.eventRetention, settings.limits.replyRetention] == [.seconds(30), .seconds(7)])
        #expect([settings.limits.eventLength, settings.limits.deadLetterLength, settings.limits.replyLength] == [5, 6, 8])
        #expect(settings.limits.unknownWorkflowWait == .seconds(7) && settings.limits.newWorkflowWait == .seconds(4))
        #expect([settings.limits.eventBytes, settings.limits.deadLetterBytes] == [9, 10])
        #expect(settings.limits.deadLetterRetention == .seconds(11))
        #expect(settings.abandonAfter == .seconds(4))
        #expect(settings.toleratesEviction)
    }

    @Test("keep no event longer than its run")
    func eventRetention() throws {
        let options = try ServeOptions.parse(["--retention-seconds", "60"])
        #expect(options.configuration(redis: try options.redis.configuration).limits.eventRetention == .seconds(60))
    }

    @Test("are by default the bridge's own")
    func defaults() throws {
        let options = try ServeOptions.parse([])
        let redis = try options.redis.configuration
        let settings = options.configuration(redis: redis)
        let own = BridgeConfiguration(redis: redis)
        #expect(settings.maximumRuns == own.maximumRuns)
        #expect(settings.limits == own.limits)
        #expect(settings.drainTime == own.drainTime)
        #expect(settings.gracePeriod == own.gracePeriod)
        #expect(settings.abandonAfter == own.abandonAfter)
        #expect(settings.toleratesEviction == own.toleratesEviction)
    }

    @Test(
        "are refused when they contradict each other or name no level",
        arguments: [
            ["--embedded", "--redis", "redis://localhost"], ["--events", "everything"], ["--log-level", "loud"], ["--log-format", "xml"],
            ["--lease-seconds", "-1"],
        ])
    func refused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try ServeOptions.parse(arguments) }
    }

    @Test(
        "say what is allowed where they are set to what can't be",
        arguments: [
            (["--max-runs", "lots"], "Give a whole number of 1 or more"), (["--max-runs", "0"], "Give a whole number of 1 or more"),
            (["--max-events=-1"], "Give a whole number of 1 or more"), (["--log-level", "verbose"], "choose one of trace, debug, info"),
            (["--log-format", "xml"], "choose one of text, json"), (["--events", "most"], "choose one of runs, states, tasks, all"),
            (["--lease-seconds", "15s"], "Give a number of seconds"),
        ])
    func allowed(_ arguments: [String], _ says: String) {
        let error = #expect(throws: (any Error).self) { try ServeOptions.parse(arguments) }
        #expect(error.map { ServeOptions.message(for: $0) }?.contains(says) == true)
    }

    @Test("put the embedded server's data where they say, else where the system keeps state")
    func stateFolder() throws {
        #expect(try ServeOptions.parse(["--state-dir", "/data"]).stateFolder(in: ["XDG_STATE_HOME": "/x"]) == "/data")
        let options = try ServeOptions.parse([])
        #expect(options.stateFolder(in: ["XDG_STATE_HOME": "/x", "HOME": "/home/ada"]) == "/x/cano")
        #expect(options.stateFolder(in: ["HOME": "/home/ada"]) == "/home/ada/.local/state/cano")
        #expect(options.stateFolder(in: [:]) == "./.local/state/cano")
    }
}
