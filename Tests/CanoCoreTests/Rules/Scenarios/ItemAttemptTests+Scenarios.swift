import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import RuleFixture

@testable import CanoCore

extension ItemAttemptTests {
    func repeated(concurrency: Int) async throws -> Facts {
        try await run(
            Adding(concurrency: concurrency, itemRetry: .fixed(retries: 1, delay: .seconds(1))) { item, attempt, _ in
                if item == 2 || attempt == 1 { throw Mishap() }
            })
        return ["sum": try await values.get(StoreKey<Int>("sum")), "order": try await values.get(StoreKey<[Int]>("order"))]
    }

    func inOrder() async throws -> Facts {
        let gate = Gate()
        try await run(
            Adding(concurrency: 3) { item, _, _ in
                if item == 1 { await gate.pass() } else if item == 3 { gate.open() }
            })
        return ["order": try await values.get(StoreKey<[Int]>("order"))]
    }

    func abandoned() async throws -> Facts {
        let (gate, ended, late) = (Gate(), Gate(), Journal<CanoError.Category>())
        try await run(
            Adding(itemTimeout: .seconds(1)) { item, _, context in
                guard item == 2 else { return }
                await gate.pass()
                do { try await context.store.put(0, for: "sum") } catch { late.add(CanoError(error).category) }
                ended.open()
            })
        gate.open()
        await ended.pass()
        return [
            "late write refused with": late.entries, "sum": try await values.get(StoreKey<Int>("sum")),
            "told": observer.summary.filter { $0.hasPrefix("attemptAbandoned") },
            "counted": try backend.expectCounter("cano_attempts_abandoned_total").totalValue,
        ]
    }

    func skipped() async throws -> Facts {
        try await run(Noting { item, _ in if item == 2 { throw Mishap() } })
        return ["order": try await values.get(StoreKey<[Int]>("order"))]
    }
}
