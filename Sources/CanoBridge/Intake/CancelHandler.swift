import CanoBus
import CanoCore
import CanoRedis

/// Cancels runs, wherever they are.
struct CancelHandler: CommandHandling {
    let bus: Bus
    let sessions: Sessions
    let forwarding: CommandForwarding
    let stranded: StrandedRuns
    /// Wakes a run here, if it waits and can be.
    let wake: @Sendable (ClaimCandidate) -> Void

    func handle(_ command: CancelCommand, _ delivery: Delivery) async throws -> Disposition {
        var isEnded = false
        let disposition = try await SeenRun.acting(on: command.run, bus) { seen -> Disposition? in
            // Who is among the run's requesters has heard of the end.
            let isTold = isEnded && command.replyName.map { seen.replyNames.split(separator: ",").map(String.init).contains($0) } == true
            let call = Cancel(
                bus: bus, command: isTold ? command.withoutReply : command, entry: delivery.entry.id, stream: delivery.stream, seen: seen,
                made: bus.clock.now)
            switch try await bus.scripts.send(call, waitsForRepair: false) {
            case .asked(let reason):
                // Another bridge hears of it with its next heartbeat at the latest.
                if let session = sessions.session(of: command.run) {
                    session.stop(.cancelled(reason: reason))
                } else if let candidate = seen.candidate {
                    wake(candidate)
                }
                return .done
            case .stranded(let reason):
                // A bridge that has its workflow may be on its way back, and would undo what the run has done.
                if let disposition = try await forwarding.leave(delivery) { return disposition }
                guard try await stranded.end(command.run, reason: reason) else { return .left(until: forwarding.nextLook) }
                isEnded = true
                return nil
            case .cancelled, .duplicate, .gone: return .done
            case .unknown: throw command.unknownRun
            case .moved: return nil
            }
        }
        return disposition ?? .left(until: forwarding.nextLook)
    }
}

extension CancelCommand {
    fileprivate var withoutReply: CancelCommand { CancelCommand(run: run, reason: reason, replyName: nil) }
}
