import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The settings of a bridge", .timeLimit(.minutes(5)))
struct BridgeConfigurationTests {
    private static func problem(_ change: (inout BridgeConfiguration) -> Void) -> String? {
        var configuration = BridgeConfiguration(redis: RedisConfiguration())
        change(&configuration)
        do {
            _ = try configuration.validated()
            return nil
        } catch {
            return error.message
        }
    }

    @Test("are good as they come, and with the shortest times that can be used")
    func good() {
        #expect(Self.problem { _ in } == nil)
        let shortest = Self.problem { configuration in
            configuration.limits.heartbeat = .milliseconds(50)
            configuration.limits.lease = .milliseconds(150)
            configuration.limits.retention = .seconds(1)
            configuration.limits.eventRetention = .seconds(1)
            configuration.limits.replyRetention = .seconds(1)
            configuration.drainTime = .zero
            configuration.gracePeriod = .zero
            configuration.limits.unknownWorkflowWait = .zero
            configuration.limits.newWorkflowWait = .zero
        }
        #expect(shortest == nil)
    }

    @Test(
        "must keep everything long enough for its readers to see it",
        arguments: [Duration.zero, .seconds(-1), .milliseconds(999)])
    func retention(_ time: Duration) {
        #expect(Self.problem { $0.limits.eventRetention = time }?.contains("for a second at least") == true)
        #expect(Self.problem { $0.limits.replyRetention = time }?.contains("for a second at least") == true)
        let both = Self.problem { configuration in
            configuration.limits.retention = time
            configuration.limits.eventRetention = time
        }
        #expect(both?.contains("for a second at least") == true)
    }

    @Test("take no time with which moments would overflow")
    func tooLong() {
        for time in [Duration.seconds(1_000_000_001), .seconds(Int64.max / 2)] {
            #expect(Self.problem { $0.limits.retention = time } != nil)
            #expect(Self.problem { $0.limits.replyRetention = time } != nil)
            #expect(Self.problem { $0.limits.lease = time } != nil)
            #expect(Self.problem { $0.drainTime = time } != nil)
            #expect(Self.problem { $0.limits.unknownWorkflowWait = time } != nil)
            #expect(Self.problem { $0.limits.newWorkflowWait = time } != nil)
            #expect(Self.problem { $0.startTimeout = time } != nil)
        }
    }
}
