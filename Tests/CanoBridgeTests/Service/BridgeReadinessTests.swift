import CanoCore
import Testing

@testable import CanoBridge

@Suite("A bridge is ready", .timeLimit(.minutes(5)))
struct BridgeReadinessTests {
    private func readiness(
        _ phase: Bridge.Phase = .serving, redis: String? = nil, silence: Duration? = .seconds(1),
        resources health: [HealthReport.Entry] = []
    ) -> BridgeReadiness {
        BridgeReadiness(
            phase: phase, shards: [BridgeReadiness.Shard(prefix: "cano", redisProblem: redis, silence: silence)],
            patience: .milliseconds(7_500), health: HealthReport(health))
    }

    private func failed(_ readiness: BridgeReadiness) -> [String] { readiness.checks.filter { !$0.isPassed }.map(\.name) }

    @Test("when all is right")
    func ready() {
        #expect(readiness().isReady)
        #expect(readiness().checks.map(\.name) == ["redis", "scripts", "intake", "draining", "resources"])
        #expect(readiness().checks.allSatisfy { $0.reason == nil })
        #expect(readiness(silence: .milliseconds(7_500)).isReady)
    }

    @Test("not while it starts, drains or has stopped, nor without Redis or its scripts")
    func notReady() {
        #expect(failed(readiness(.starting, silence: nil)) == ["scripts", "intake"])
        #expect(failed(readiness(.draining)) == ["draining"])
        #expect(failed(readiness(.stopped)) == ["intake"])
        #expect(failed(readiness(redis: "no answer")) == ["redis"])
        #expect(failed(readiness(silence: .milliseconds(7_501))) == ["scripts"])
        for check in readiness(.starting, redis: "no answer", silence: nil).checks where !check.isPassed {
            #expect(check.reason?.isEmpty == false, "\(check.name)")
        }
    }

    @Test("while one of its shards is, and says which are not")
    func shards() {
        func readiness(_ shards: BridgeReadiness.Shard...) -> BridgeReadiness {
            BridgeReadiness(phase: .serving, shards: shards, patience: .milliseconds(7_500), health: HealthReport())
        }
        let well = BridgeReadiness.Shard(prefix: "{cano-0}", redisProblem: nil, silence: .seconds(1))
        let away = BridgeReadiness.Shard(prefix: "{cano-1}", redisProblem: "no answer", silence: .seconds(9))
        #expect(readiness(well, away).isReady)
        #expect(
            readiness(well, away).checks.prefix(2).map(\.reason) == [
                "{cano-1}: no answer", "{cano-1}: the last heartbeat that a script answered was 9 s ago",
            ])
        #expect(failed(readiness(away, away)) == ["redis", "scripts"])
        #expect(readiness(away, away).checks[0].reason == "{cano-1}: no answer; {cano-1}: no answer")
    }

    @Test("not with a resource that is unhealthy, and with one that is degraded, which is told")
    func resources() {
        let stock = HealthReport.Entry(resource: "orders@1/stock", status: .degraded("cold"))
        #expect(readiness(resources: [stock]).isReady)
        #expect(readiness(resources: [stock]).checks.last?.reason == "degraded: orders@1/stock (cold)")
        let ledger = HealthReport.Entry(resource: "orders@1/ledger", status: .unhealthy("no answer"))
        #expect(failed(readiness(resources: [stock, ledger])) == ["resources"])
    }
}
