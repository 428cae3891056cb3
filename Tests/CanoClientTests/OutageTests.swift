import CanoBridge
import CanoBus
import CanoClient
import CanoCore
import CanoRedis
import CanoTesting
import Logging
import RedisServerFixture
import ServiceLifecycle
import Testing

@Suite("A client whose connection is cut", .timeLimit(.minutes(2)))
struct OutageTests {
    @Test("starts a run once though the reply to its start was lost, and gets the answer")
    func lostReply() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                var registry = WorkflowRegistry()
                try registry.register(answering)
                let bridge = try Bridge(
                    BridgeConfiguration(redis: try RedisConfiguration(url: server.url)), registry: registry, logger: quietLogger)
                let group = ServiceGroup(services: [bridge.redis, bridge], logger: quietLogger)
                async let service: Void = group.run()
                try await BusClient.with(.patient(proxy.url), logger: quietLogger) { bus in
                    proxy.loseReply(toRequestWith: "answering")
                    let answer = try await bus.execute(answering.reference, Work(answer: "tea"), id: "a")
                    #expect(answer == "tea")
                    #expect(proxy.faultCount == 1)
                    #expect(try await bus.record(of: "a")?.epoch == 1)
                    proxy.cut()
                    #expect(try await bus.execute(answering.reference, Work(answer: "pot"), id: "b") == "pot")
                }
                await group.triggerGracefulShutdown()
                try await service
            }
        }
    }

    @Test("ends its waits when it stops")
    func stopped() async throws {
        try await withRedisServer { server in
            let bus = try BusClient(.patient(server.url), logger: quietLogger)
            let running = Task { try await bus.run() }
            let waiting = Task { try await bus.execute(answering.reference, Work(), id: "a") }
            try await eventually(within: .seconds(20), "the start was published") {
                try await bus.first.redis.execute(XLEN(bus.first.keys.commands)) == 1
            }
            running.cancel()
            let error = await #expect(throws: ClientError.self) { try await waiting.value }
            #expect(error?.code == .stopped)
            _ = await running.result
        }
    }
}
