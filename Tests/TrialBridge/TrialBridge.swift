import CanoBridge
import CanoBus
import CanoCLI
import CanoCore
import Foundation

/// A bridge whose workflows do what no good workflow does, so that the tests can see what becomes of it.
///
/// `TRIAL_VERSION` is the version its workflows are registered under. With `TRIAL_LOGBOOK`, a file, it has a service and an observer that
/// write there, and publishes of the workflow `trial` only beginnings and ends.
@main
struct TrialBridge: BridgeApplication {
    static let commandName = "trial-bridge"

    static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
        let environment = ProcessInfo.processInfo.environment
        let version = environment["TRIAL_VERSION"] ?? "1"
        try host.registry.register(trial(version: version))
        try host.registry.register(trialSaga(version: version))
        try host.registry.register(march(version: version))
        try host.registry.register(trialWatch(version: version))
        try host.registry.register(trialRetry(version: version))
        try host.registry.register(trialLoop(version: version))
        try host.registry.register(trialBranches(version: version))
        try host.registry.register(trialKin(version: version))
        try host.registry.register(trialGrowth(version: version))
        if let path = environment["TRIAL_LOGBOOK"] {
            let logbook = Logbook(path: path)
            host.services.append(logbook)
            host.observers.append(logbook)
            host.configuration.events.byWorkflow["trial"] = .runs
        }
    }
}
