import CanoPrimitives
import Logging

/// Sets the resources up for the first user and tears them down after the last.
final class ResourceLifecycle: Sendable {
    private let use = WaitQueue(SharedUse())

    /// Returns when every resource is ready, set up by this call or by another.
    ///
    /// - Throws: What the failing resource threw, as ``CanoError``; those set up before it are down again.
    ///   ``CanoError/Category/cancelled`` when the caller was cancelled meanwhile, also while another one sets them up.
    func enter(_ resources: Resources, logger: Logger) async throws(CanoError) {
        while true {
            switch use.update({ $0.arrive() }) {
            case .proceed:
                return
            case .wait:
                do {
                    try await use.waitUnlessCancelled { $0.isSettled }
                } catch {
                    throw CanoError(.cancelled, "the run was cancelled while its resources were set up")
                }
            case .setUp:
                let failure = await setUp(resources.managed, logger: logger)
                use.update { $0.setUpEnded(succeeded: failure == nil) }
                if let failure { throw failure }
                return
            }
        }
    }

    /// Ends one use; the last one tears down, in reverse order.
    func leave(_ resources: Resources, logger: Logger) async {
        guard use.update({ $0.leave() }) else { return }
        await Self.tearDown(resources.managed, logger: logger)
        use.update { $0.tearDownEnded() }
    }

    private func setUp(_ managed: [ManagedResource], logger: Logger) async -> CanoError? {
        for (index, entry) in managed.enumerated() {
            do {
                try await entry.resource.setUp()
            } catch {
                await Self.tearDown(Array(managed[..<index]), logger: logger)
                return CanoError(settingUp: entry.name, "could not be set up", failedWith: error)
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
}

extension CanoError {
    /// A resource could not be made ready. Whatever it throws once its run is cancelled, that is why.
    init(settingUp name: String, _ problem: String, failedWith error: any Error) {
        if Task.isCancelled {
            self.init(.cancelled, "the run was cancelled while resource \"\(name)\" was set up", underlying: error)
        } else {
            self.init(error)
            message = "resource \"\(name)\" \(problem): \(message)"
        }
    }
}
