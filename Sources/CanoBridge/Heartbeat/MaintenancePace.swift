import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Repeats what is to be done at every heartbeat, apart from the heartbeat itself.
struct MaintenancePace: Sendable {
    let bus: Bus
    let clock: any EngineClock

    /// Repeats an action until the task is cancelled. One that fails is logged, and done again at the next heartbeat.
    ///
    /// - Parameters:
    ///   - isDue: Whether it is to be done before that. It is asked every second.
    ///   - action: What to do.
    func run(orWhen isDue: () -> Bool = { false }, _ action: () async throws -> Void) async {
        let glance = min(bus.limits.heartbeat, .seconds(1))
        var next = clock.now
        do {
            while true {
                if clock.now >= next || isDue() {
                    next = clock.now.advanced(by: bus.limits.heartbeat)
                    do { try await action() } catch let error as RedisError where error.code != .cancelled {
                        bus.logger.warning("maintenance failed and is tried again", metadata: ["error": "\(error)"])
                    }
                }
                try await clock.sleep(for: glance)
            }
        } catch {
            // Cancelled: the bridge stops.
        }
    }
}
