import CanoCore
import CanoTesting
import RuleFixture

extension TestingKitTests {
    func conformance(_ check: CheckpointStoreConformance) async throws -> Facts {
        do {
            try await check(InMemoryCheckpointStore())
            return ["violation": nil]
        } catch {
            return ["violation": "\(error)"]
        }
    }
}
