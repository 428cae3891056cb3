import CanoBus
import CanoCore
import CanoRedis

/// Takes what workers answer to the runs that have handed their tasks out, wherever these are.
struct ResultHandler: Sendable {
    let waker: RunWaker
    let forwarding: CommandForwarding

    /// Takes an answer.
    ///
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; ``RedisError`` when it can't be taken now.
    func handle(_ answer: WorkerAnswer, _ delivery: Delivery) async throws -> Disposition {
        let bus = waker.bus
        if answer.work != nil, let outcome = try await takeToHeldRun(answer, delivery), let done = disposition(after: outcome, of: answer) {
            return done
        }
        let left = try await SeenTask.acting(on: answer.token, bus) { seen -> Disposition? in
            let outcome = try await waker.send(seen.run, mayWake: answer.work != nil) { claiming in
                TakeAnswer(
                    bus: bus, worker: answer, entry: delivery.entry.id, seen: seen, claiming: claiming, made: bus.clock.now)
            }
            return disposition(after: outcome, of: answer)
        }
        return left ?? .left(until: forwarding.nextLook)
    }

    /// Takes an answer to a run that is held here; nil where that can't be, and nothing was written.
    private func takeToHeldRun(_ answer: WorkerAnswer, _ delivery: Delivery) async throws -> TakeAnswer.Outcome? {
        let (bus, token, entry) = (waker.bus, answer.token, delivery.entry.id)
        guard let held = waker.reserveHeld(token.run) else { return nil }
        let (queue, isAll, position) = held.session.withLedger {
            ($0.queue(of: token.leg), $0.waits(forNothingBut: token), $0.position)
        }
        if isAll, let queue, let work = answer.work {
            let taken = TakenAnswer(entry: entry, token: token, queue: queue, lease: bus.limits.lease)
            let id = CommandEntryID(entry.description, on: .results)
            let signal = work.signal(token.leg, attempt: token.attempt, id: id.description)
            return await held.goOn(with: taken, signal) ? .woke : nil
        }
        let seen = SeenRun(workflow: held.candidate.workflow, version: held.candidate.version, candidate: held.candidate, isWaiting: true)
        return try await waker.send(
            TakeAnswer(
                bus: bus, worker: answer, entry: entry, seen: SeenTask(run: seen, queue: queue), claiming: held.candidate, held: position,
                made: bus.clock.now), to: held)
    }

    /// What is to be done then; nil where the run or the task is to be read anew.
    private func disposition(after outcome: TakeAnswer.Outcome, of answer: WorkerAnswer) -> Disposition? {
        switch outcome {
        case .woke, .released, .deferred, .late, .gone: return .done
        case .kept:
            waker.look(answer.token.run)
            return .done
        case .moved: return nil
        }
    }
}
