import CanoCore
import CanoTesting
import RuleFixture

extension InterruptionTests {
    func totalTimeout(kind: Kind) async throws -> Facts {
        let error = await caught {
            try await drive(workflow(kind), timeout: .seconds(60)) { _ in clock.advance(by: .seconds(60)) }
        }
        return try await facts(of: kind, error)
    }

    func cancel(kind: Kind) async throws -> Facts {
        let error = await caught { try await drive(workflow(kind)) { $0.stop(.cancelled(reason: nil)) } }
        return try await facts(of: kind, error)
    }
}
