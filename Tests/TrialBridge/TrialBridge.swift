import CanoBridge
import CanoCLI
import CanoCore
import Foundation

/// A bridge whose workflows do what no good workflow does, so that the tests can see what becomes of it.
///
/// `TRIAL_VERSION` is the version its workflows are registered under.
@main
struct TrialBridge: BridgeApplication {
    static let commandName = "trial-bridge"

    static func register(in registry: inout WorkflowRegistry, _ options: NoOptions) throws {
        let version = ProcessInfo.processInfo.environment["TRIAL_VERSION"] ?? "1"
        try registry.register(trial, as: "trial", version: version, startingAt: .first, input: Ordeal.self) { result in
            try await result.store.get(.marks)
        }
        try registry.register(trialSaga, as: "trial-saga", version: version, startingAt: .take, input: Ordeal.self) { result in
            try await result.store.get(.marks)
        }
        try registry.register(march, as: "trial-march", version: version, startingAt: .climb, input: Ordeal.self) { result in
            try await result.store.get(.marks)
        }
    }
}
