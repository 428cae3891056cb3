import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Logging

/// Ends runs that are to be cancelled and that no live bridge can take: nothing is undone, for no bridge here knows how.
struct StrandedRuns: Sendable {
    let bus: Bus
    let heartbeat: Heartbeat

    /// Ends a run in the name of its last owner.
    ///
    /// A run that had finished no step that can be undone is over. Another one ends with the rollback `partial`, and is kept: resumed at a
    /// bridge that has its workflow, it is undone there.
    ///
    /// - Returns: False while its owner may still be alive, as after an outage of Redis.
    /// - Throws: ``RedisError``; ``BusError`` when its record was damaged.
    func end(_ run: String, reason: String) async throws -> Bool {
        guard heartbeat.mayTakeOver else { return false }
        let fields = [String: String](hash: try await bus.redis.execute(HGETALL(bus.keys.record(of: run))))
        guard let record = try RunRecord(fields, of: run), record.status == .running, let version = record.version else { return true }
        let log = try await bus.redis.execute(LRANGE(bus.keys.log(of: run), from: 0, through: -1))
        // The fence is its owner's: a bridge that takes the run meanwhile has another epoch.
        let identity = RunIdentity(
            run: run, workflow: record.workflow, version: version, bridge: record.bridge, epoch: record.epoch,
            source: bus.keys.eventSource(of: record.workflow), trace: record.trace)
        let now = bus.clock.now
        var ledger = RunLedger(
            identity, keys: RunKeys(run: run, bus: bus.keys), continuing: ClaimedRun(record: record, log: log, store: [:], inbox: Inbox()),
            now: now, limits: bus.limits)
        let ending = RunEnding.abandoned(
            reason: reason, hasStepsToUndo: hasStepsToUndo(log, of: run), workflow: record.workflow, version: version, state: record.state)
        var isEnded = false
        while !isEnded {
            switch try await bus.scripts.send(ledger.finish(ending, now: now), waitsForRepair: false) {
            case .replies(let names): ledger.learn(replyNames: names)
            case .queues(let names): ledger.learn(queues: names)
            case .parent(let place): ledger.learn(parent: place)
            default: isEnded = true
            }
        }
        bus.logger.notice("a run that no live bridge can take was cancelled", metadata: ["run": "\(run)"])
        return true
    }

    private func hasStepsToUndo(_ log: [RESPBytes], of run: String) -> Bool {
        do {
            return try log.contains { bytes in
                let kind = try RowCodec.decode(Array(bytes), of: RunID(run)).kind
                return kind == .compensationCompletion || kind == .rollbackStart
            }
        } catch {
            // Rows of another release: nothing is thrown away that can't be read here.
            return true
        }
    }
}
