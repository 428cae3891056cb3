import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import CanoTesting
import Logging
import Testing

@testable import CanoBridge

@Suite("A run whose task ignores that it is stopped", .timeLimit(.minutes(5)))
struct AbandonedTaskTests {
    private let isDeaf = Gate()
    private let gate = Gate()

    /// A bridge with such a run under way.
    private func bridge(_ timeout: Int64? = nil) async throws -> (ScriptedBridge, Task<Accept.Answer, any Error>) {
        let (isDeaf, gate) = (isDeaf, gate)
        let bridge = try ScriptedBridge(
            ScriptedBridge.workflows(first: { _ in
                isDeaf.open()
                await gate.pass()
                return .second
            }))
        bridge.redis.answer("accept", .text("accepted"))
        bridge.writesEverything()
        let workflow = try #require(bridge.registry.workflow("w", version: nil))
        let running = Task {
            try await bridge.execution.start(
                StartCommand("w", run: "a", input: "7", timeout: timeout), try workflow.prepare("7"), of: workflow,
                entry: StreamEntryID(milliseconds: 5, sequence: 0), notBefore: nil)
        }
        await isDeaf.pass()
        return (bridge, running)
    }

    @Test("ends without it as cancelled, frees its place and says so in the log")
    func cancelled() async throws {
        let (bridge, running) = try await bridge()
        bridge.sessions.session(of: "a")?.stop(.cancelled(reason: "enough"))
        await bridge.clock.waitForSleeper(until: bridge.clock.now.advanced(by: .seconds(10)))
        bridge.clock.advance(by: .seconds(10))
        #expect(try await running.value == .accepted)
        let finish = try #require(bridge.redis.requests.last)
        #expect(finish.argument(Finish.Argument.status) == "cancelled")
        #expect(!bridge.sessions.isInHand("a"))
        #expect(bridge.logged(.error).contains { $0.hasPrefix("a task ignored its cancellation") })
        let scripts = bridge.redis.names
        gate.open()
        #expect(bridge.redis.names == scripts)
    }

    @Test("fails as one that took too long when its time is over")
    func timedOut() async throws {
        let (bridge, running) = try await bridge(60_000)
        // Its lease is renewed meanwhile.
        bridge.sessions.session(of: "a")?.lease.extend(until: bridge.clock.now.advanced(by: .seconds(600)))
        await bridge.clock.waitForSleeper(until: bridge.clock.now.advanced(by: .seconds(60)))
        bridge.clock.advance(by: .seconds(60))
        await bridge.clock.waitForSleeper(until: bridge.clock.now.advanced(by: .seconds(10)))
        bridge.clock.advance(by: .seconds(10))
        #expect(try await running.value == .accepted)
        let finish = try #require(bridge.redis.requests.last)
        #expect(finish.argument(Finish.Argument.status) == "failed")
        #expect(finish.argument(Finish.Argument.error).contains("workflow_timeout"))
        #expect(!bridge.sessions.isInHand("a"))
        gate.open()
    }
}
