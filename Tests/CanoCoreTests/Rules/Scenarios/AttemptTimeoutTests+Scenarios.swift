import CanoTesting
import RuleFixture

@testable import CanoCore

extension AttemptTimeoutTests {
    func timesOut() async throws -> Facts {
        let workflow = Workflow<Step>.single(
            config: TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
        ) { _ in
            try await untilCancelled()
            return .done
        }
        let runtime = runtime
        let error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        }
        return [
            "category": error?.category, "first cause": error?.causes.first?.category,
            "told taskRetried first task 1": observer.summary.contains("taskRetried first task 1"),
        ]
    }
}
