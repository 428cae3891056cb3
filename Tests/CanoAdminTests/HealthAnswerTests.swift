import CanoBridge
import CanoCore
import Testing

@testable import CanoAdmin

@Suite("What probes are answered", .timeLimit(.minutes(5)))
struct HealthAnswerTests {
    @Test("is 200 and each check where all is right, with what is degraded")
    func ready() {
        let readiness = BridgeReadiness(
            phase: .serving, shards: [.init(prefix: "cano", redisProblem: nil, silence: .seconds(1))], patience: .seconds(7),
            health: HealthReport([.init(resource: "orders@1/stock", status: .degraded("cold"))]))
        let answer = HealthAnswer(readiness)
        #expect(answer.status == 200)
        #expect(
            answer.body
                == #"{"status":"ready","checks":{"redis":{"ok":true},"scripts":{"ok":true},"intake":{"ok":true},"draining":{"ok":true},"#
                + #""resources":{"ok":true,"reason":"degraded: orders@1/stock (cold)"}}}"#)
    }

    @Test("is 503 and the reasons where something is not")
    func notReady() {
        let readiness = BridgeReadiness(
            phase: .draining, shards: [.init(prefix: "cano", redisProblem: "no \"answer\"", silence: .seconds(1))], patience: .seconds(7),
            health: HealthReport())
        let answer = HealthAnswer(readiness)
        #expect(answer.status == 503)
        #expect(
            answer.body
                == #"{"status":"not ready","checks":{"redis":{"ok":false,"reason":"no \"answer\""},"scripts":{"ok":true},"#
                + #""intake":{"ok":true},"draining":{"ok":false,"reason":"the bridge is being stopped: it hands its runs over"},"#
                + #""resources":{"ok":true}}}"#)
    }

    @Test("is of pages without a bridge 200 while one shard answers, with those that don't")
    func shards() {
        let well = HealthAnswer(outages: [], ofShards: 1)
        #expect(well.status == 200 && well.body == #"{"status":"ready","checks":{"redis":{"ok":true}}}"#)
        #expect(HealthAnswer(outages: ["gone"], ofShards: 1).status == 503)
        let some = HealthAnswer(outages: ["one is away", "two is away"], ofShards: 3)
        #expect(some.status == 200)
        #expect(some.body == #"{"status":"ready","checks":{"redis":{"ok":true,"reason":"one is away; two is away"}}}"#)
        #expect(HealthAnswer(outages: ["a", "b"], ofShards: 2).status == 503)
    }
}
