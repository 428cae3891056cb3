import Logging
import Synchronization

/// Sets the resources up for the first user and tears them down after the last.
final class ResourceLifecycle: Sendable {
    private struct Waiting {
        var use = SharedUse()
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(Waiting())

    /// Returns when every resource is ready, set up by this call or by another.
    ///
    /// - Throws: What the failing resource threw, as ``CanoError``; those set up before it are down again.
    func enter(_ resources: Resources, logger: Logger) async throws(CanoError) {
        while true {
            switch state.withLock({ $0.use.arrive() }) {
            case .proceed:
                return
            case .wait:
                await changed()
            case .setUp:
                let failure = await setUp(resources.managed, logger: logger)
                signal { $0.setUpEnded(succeeded: failure == nil) }
                if let failure { throw failure }
                return
            }
        }
    }

    /// Ends one use; the last one tears down, in reverse order.
    func leave(_ resources: Resources, logger: Logger) async {
        guard state.withLock({ $0.use.leave() }) else { return }
        await Self.tearDown(resources.managed, logger: logger)
        signal { $0.tearDownEnded() }
    }

    private func setUp(_ managed: [ManagedResource], logger: Logger) async -> CanoError? {
        for (index, entry) in managed.enumerated() {
            do {
                try await entry.resource.setUp()
            } catch {
                await Self.tearDown(Array(managed[..<index]), logger: logger)
                var failure = CanoError(error)
                failure.message = "resource \"\(entry.name)\" could not be set up: \(failure.message)"
                return failure
            }
        }
        return nil
    }

    /// Tears down in reverse order; an error keeps none of the others up.
    ///
    /// In a task of its own: a resource that heeds cancellations would give nothing back at the end of a cancelled run.
    static func tearDown(_ managed: [ManagedResource], logger: Logger) async {
        guard !managed.isEmpty else { return }
        await Task {
            for entry in managed.reversed() {
                do {
                    try await entry.resource.tearDown()
                } catch {
                    logger.error("a resource could not be torn down", metadata: ["resource": "\(entry.name)", "error": "\(error)"])
                }
            }
        }.value
    }

    /// Waits for the phase to change; returns at once when it already has.
    private func changed() async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                guard state.use.phase == .settingUp || state.use.phase == .tearingDown else { return false }
                state.waiters.append(continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    private func signal(_ change: (inout SharedUse) -> Void) {
        let waiters = state.withLock { state in
            change(&state.use)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
