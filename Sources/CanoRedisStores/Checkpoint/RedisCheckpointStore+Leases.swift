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
        // Until its first row a run is nobody's, and anybody may begin it.
        while let holding = held.withLock({ $0[run] }) {
            if holding.isLost { return false }
            if holding.certainUntil > clock.now || Task.isCancelled { return true }
            let sentAt = clock.now
            do {
                settle(try await client.evaluate(renewal(of: run, holding.epoch)), of: run, holding.epoch, sentAt: sentAt)
            } catch {
                if case .clientShutDown = error.code { return false }
                logger.debug("it is not certain whose a run is", metadata: ["run": "\(run)", "error": "\(error)"])
                // Only a cancellation ends the pause early, and is seen above.
                try? await clock.sleep(for: min(lease / 10, .milliseconds(500)))
            }
        }
        return true
    }

    /// Renews all leases, without waiting for the answers.
    func renew() {
        let sentAt = clock.now
        for (run, epoch) in held.withLock({ $0.epochs }) {
            client.evaluate(renewal(of: run, epoch)) { [self] result in
                // Whatever went wrong, the next renewal or row tries again.
                guard case .success(let reply) = result else { return }
                settle(reply, of: run, epoch, sentAt: sentAt)
            }
        }
    }

    /// Whether the run is this store's, as far as it knows.
    func has(_ run: RunID) -> Bool { held.withLock { $0[run].map { !$0.isLost } ?? false } }

    private func renewal(of run: RunID, _ epoch: String) -> RedisScriptCall {
        var call = call(CheckpointScript.renew, run, epoch)
        call.append(lease.wholeMilliseconds)
        return call
    }

    private func settle(_ reply: RESPValue, of run: RunID, _ epoch: String, sentAt: MonotonicInstant) {
        switch reply.string {
        case "ok": held.withLock { $0.renewed(run, in: epoch, until: sentAt.advanced(by: lease)) }
        case "lost": _ = lost(run, epoch)
        default: break
        }
    }

    /// Notes that somebody else has the run now.
    func lost(_ run: RunID, _ epoch: String) -> Relinquished {
        if held.withLock({ $0.lost(run, in: epoch) }) {
            logger.warning("a run was taken over by somebody else", metadata: ["run": "\(run)"])
        }
        return Relinquished(reason: .ownershipLost)
    }
}
