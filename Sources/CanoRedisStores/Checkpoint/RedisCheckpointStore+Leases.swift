public import CanoCore
import CanoPrimitives
import CanoRedis
import Logging
import Synchronization

/// How long a run is the store's.
extension RedisCheckpointStore {
    /// Whether the run is this store's. Renews the lease when it may have ended, and waits while Redis is away.
    ///
    /// A caller that is cancelled gets yes at once: it stops by itself, and with its own reason.
    public func isStillOwner(of run: RunID) async -> Bool {
        // A run without an entry has no first row yet, and any store may begin it.
        var failures = 0
        while let entry = runs.withLock({ $0[run] }) {
            if entry.isLost { return false }
            let sentAt = clock.now
            if entry.term.isHeld(at: sentAt) || Task.isCancelled { return true }
            let owned = [(run: run, fence: entry.fence)]
            let renewal = renewal(of: owned)
            do {
                settle(try renewal.answer(try await client.evaluate(renewal.encoded)), of: owned, sentAt: sentAt)
            } catch {
                if case .clientShutDown? = (error as? RedisError)?.code { return false }
                logger.debug("it is not certain whose a run is", metadata: ["run": "\(run)", "error": "\(error)"])
                failures += 1
                let pauses = Backoff(base: min(lease / 10, .milliseconds(50)), cap: min(lease / 10, .milliseconds(500)))
                // Only a cancellation ends the pause early, and is seen above.
                try? await clock.sleep(for: pauses.delay(afterFailures: failures))
            }
        }
        return true
    }

    /// Renews all leases within one interval, without waiting for the answers.
    func renew() {
        let schedule = RenewalSchedule(of: runs.withLock { $0.renewable }, over: lease / 3)
        for part in schedule.parts {
            if part.delay == .zero {
                renew(part.runs)
            } else {
                client.after(part.delay) { [self] in renew(part.runs) }
            }
        }
    }

    private func renew(_ owned: [(run: RunID, fence: Fence)]) {
        // Runs that have ended or were given back meanwhile are not renewed.
        let owned = runs.withLock { runs in owned.filter { runs.owns($0.run, behind: $0.fence) } }
        guard !owned.isEmpty else { return }
        let sentAt = clock.now
        let renewal = renewal(of: owned)
        client.evaluate(renewal.encoded) { [self] result in
            do {
                settle(try renewal.answer(try result.get()), of: owned, sentAt: sentAt)
            } catch {
                // The next renewal or row tries again.
                logger.debug("leases were not renewed", metadata: ["runs": "\(owned.count)", "error": "\(error)"])
            }
        }
    }

    /// Whether the run is this store's, as far as it knows.
    func has(_ run: RunID) -> Bool { runs.withLock { $0[run].map { !$0.isLost } ?? false } }

    private func renewal(of owned: [(run: RunID, fence: Fence)]) -> RenewLeases {
        RenewLeases(owner: owner, lease: lease, runs: owned.map { (key(of: $0.run), $0.fence.epoch) })
    }

    private func settle(_ isOwned: [Bool], of owned: [(run: RunID, fence: Fence)], sentAt: MonotonicInstant) {
        for ((run, fence), isOwned) in zip(owned, isOwned) {
            if isOwned {
                runs.withLock { $0.renewed(run, behind: fence, until: sentAt.advanced(by: lease)) }
            } else {
                _ = lost(run, fence)
            }
        }
    }

    /// Notes that another owner has the run now.
    func lost(_ run: RunID, _ fence: Fence) -> Relinquished {
        if runs.withLock({ $0.lost(run, behind: fence) }) {
            logger.warning("a run was taken over by another owner", metadata: ["run": "\(run)"])
        }
        return Relinquished(reason: .ownershipLost)
    }
}
