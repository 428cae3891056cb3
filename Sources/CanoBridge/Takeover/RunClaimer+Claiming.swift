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
                        await settle(answer, candidate, of: list, askedAt: asked)
                    }
                }
            }
        } catch {
            for candidate in left { await giveUp(candidate, of: list, after: error) }
        }
    }

    /// Goes on with a run that was asked for, or leaves it.
    private func settle(
        _ answer: Result<ClaimAnswer, any Error>, _ candidate: ClaimCandidate, of list: RunList, askedAt asked: MonotonicInstant
    ) async {
        switch answer {
        case .success(.claimed(let run)): follow(await goOn(with: run, candidate, of: list, askedAt: asked), candidate)
        case .success(.refused(.toEnd)): Task { await endUnclaimed(candidate, of: list) }
        case .success(.refused): end(candidate, unusedBy: list.kind)
        case .failure(let error): await giveUp(candidate, of: list, after: error)
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
        do {
            var (names, queues, parent) = ("", "", ChildEnd.ParentPlace())
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
            await giveUp(candidate, of: list, after: error)
        }
    }

    /// Leaves a run for a while that could not be taken over, and its slot to others.
    private func giveUp(_ candidate: ClaimCandidate, of list: RunList, after error: any Error) async {
        // Otherwise the bridge stops.
        if !(error is Relinquished) {
            let (run, workflow) = (candidate.run, list.workflow)
            bus.logger.error("a run could not be taken over", metadata: ["run": "\(run)", "error": "\(error)"])
            search.leaveAlone(run)
            await bus.wrongKeys.report(
                among: [
                    bus.keys.record(of: run), bus.keys.log(of: run), bus.keys.runStore(of: run), bus.keys.inbox(of: run),
                    bus.keys.openTasks(of: run), bus.keys.waits(of: workflow.name, version: workflow.version),
                    bus.keys.leases(of: workflow.name, version: workflow.version),
                    bus.keys.timers(of: candidate.workflow, version: candidate.version), bus.keys.events, bus.keys.deadLetters,
                ], after: error, on: bus.redis)
        }
        end(candidate, unusedBy: list.kind)
    }
}
