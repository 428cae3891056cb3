import CanoBus
import CanoCore
import CanoRedis
import Logging

/// The scripts with which a bridge takes runs over.
extension RunClaimer {
    /// Asks for runs of one list, and goes on with those that are this bridge's then.
    func claim(_ candidates: [ClaimCandidate], of list: RunList) async {
        var left = candidates
        do {
            while !left.isEmpty {
                let (asked, asking) = (runtime.clock.now, left)
                // Made anew each time it is sent: after an outage no bridge may be taken for dead.
                let answers = try await bus.scripts.send(waitsForRepair: false) { [bus, heartbeat] in
                    Claim(
                        bus: bus, workflow: list.workflow.name, version: list.workflow.version, firstRow: list.workflow.firstRow,
                        listedVersion: list.version, candidates: asking, mayTakeOver: heartbeat.mayTakeOver, made: bus.clock.now)
                }
                left = []
                for (candidate, answer) in zip(asking, answers) {
                    if case .success(.refused(.later)) = answer {
                        left.append(candidate)
                    } else {
                        // Each by itself: one whose lease has to be renewed first must not keep the others from being renewed.
                        Task { await settle(answer, candidate, of: list, askedAt: asked) }
                    }
                }
            }
        } catch {
            await giveUp(left, of: list, as: "could not be taken over", among: left.flatMap { keys(ofClaiming: $0, list) }, after: error)
        }
    }

    /// Goes on with a run that was asked for, or leaves it.
    private func settle(
        _ answer: Result<ClaimAnswer, any Error>, _ candidate: ClaimCandidate, of list: RunList, askedAt asked: MonotonicInstant
    ) async {
        switch answer {
        case .success(.claimed(let run)): follow(await goOn(with: run, candidate, of: list, askedAt: asked), candidate)
        case .success(.refused(.toEnd)): await endUnclaimed(candidate, of: list)
        case .success(.refused): end(candidate, unusedBy: list.kind)
        case .failure(let error):
            await giveUp([candidate], of: list, as: "could not be taken over", among: keys(ofClaiming: candidate, list), after: error)
        }
    }

    /// Goes on with a run that is this bridge's now.
    func goOn(
        with run: ClaimedRun, _ candidate: ClaimCandidate, of list: RunList, askedAt asked: MonotonicInstant
    ) async -> BegunRun? {
        bus.metrics?.count(.claims, list.kind.label)
        if run.record.recoveries > 0 { bus.metrics?.count(.recoveries) }
        bus.logger.info(
            "a run goes on here",
            metadata: ["run": "\(candidate.run)", "epoch": "\(run.record.epoch)", "recoveries": "\(run.record.recoveries)"])
        return await execution.resume(run, as: candidate.run, of: list.workflow, askedAt: asked) { [self] in
            releaseFromIsolation(candidate.run)
        }
    }

    /// Ends a run that is not to go on, once the script has the streams, queues and parent that the record names.
    private func endUnclaimed(_ candidate: ClaimCandidate, of list: RunList) async {
        var (names, queues, parent) = ("", "", ChildEnd.ParentPlace())
        do {
            asking: while true {
                let (replyNames, taskQueues, parentPlace) = (names, queues, parent)
                let answer = try await bus.scripts.send(waitsForRepair: false) { [bus, heartbeat] in
                    EndUnclaimed(
                        bus: bus, candidate: candidate, version: list.workflow.version, mayTakeOver: heartbeat.mayTakeOver,
                        replyNames: replyNames, queues: taskQueues, parent: parentPlace, made: bus.clock.now)
                }
                switch answer {
                case .replies(let listed): names = listed
                case .queues(let listed): queues = listed
                case .parent(let place): parent = place
                case .quarantined:
                    bus.metrics?.count(.quarantines)
                    bus.logger.error(
                        "a run was quarantined: it was taken over too often", metadata: ["run": "\(candidate.run)"])
                    break asking
                case .expired, .gone, .notDue: break asking
                }
            }
            end(candidate, unusedBy: list.kind)
        } catch {
            let keys =
                [
                    bus.keys.record(of: candidate.run), bus.keys.inbox(of: candidate.run), bus.keys.openTasks(of: candidate.run), list.key,
                    bus.keys.events, bus.keys.deadLetters, bus.keys.failed, bus.keys.deadlines, bus.keys.commands,
                    bus.keys.inbound(.control),
                ] + bus.keys.keys(ofQueues: queues)
            await giveUp([candidate], of: list, as: "could not be ended", among: keys, after: error)
        }
    }

    private func keys(ofClaiming candidate: ClaimCandidate, _ list: RunList) -> [String] {
        let (run, workflow) = (candidate.run, list.workflow)
        return [
            bus.keys.record(of: run), bus.keys.log(of: run), bus.keys.runStore(of: run), bus.keys.inbox(of: run),
            bus.keys.openTasks(of: run),
            bus.keys.waits(of: workflow.name, version: workflow.version), bus.keys.leases(of: workflow.name, version: workflow.version),
            bus.keys.timers(of: candidate.workflow, version: candidate.version), bus.keys.events,
        ]
    }

    /// Leaves runs for a while that a script could not be carried out for, and their slots to others.
    ///
    /// - Parameters:
    ///   - candidates: The runs.
    ///   - list: Their list.
    ///   - what: What they could not be.
    ///   - keys: The keys of the script, one of which may hold something else.
    ///   - error: Why.
    private func giveUp(
        _ candidates: [ClaimCandidate], of list: RunList, as what: String, among keys: [String], after error: any Error
    ) async {
        // Otherwise the bridge stops.
        if !(error is Relinquished) {
            let runs = candidates.map(\.run).joined(separator: ", ")
            bus.logger.error(
                candidates.count == 1 ? "a run \(what)" : "runs \(what)", metadata: ["run": "\(runs)", "error": "\(error)"])
            for candidate in candidates { search.leaveAlone(candidate.run) }
            await bus.wrongKeys.report(among: Array(Set(keys)).sorted(), after: error, on: bus.redis)
        }
        for candidate in candidates { end(candidate, unusedBy: list.kind) }
    }
}
