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

    static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
        let version = ProcessInfo.processInfo.environment["TRIAL_VERSION"] ?? "1"
        try host.registry.register(trial(version: version))
        try host.registry.register(trialSaga(version: version))
        try host.registry.register(march(version: version))
    }
}
