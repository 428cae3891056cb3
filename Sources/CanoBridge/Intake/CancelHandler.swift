import CanoBus
import CanoCore
import CanoRedis

/// Cancels runs, wherever they are.
struct CancelHandler: CommandHandling {
    let bus: Bus
    let sessions: Sessions
    let forwarding: CommandForwarding
    let stranded: StrandedRuns

    private static let attempts = 5

    func handle(_ command: CancelCommand, _ delivery: Delivery) async throws -> Disposition {
        var isEnded = false
        // The record may change between the two calls, but hardly again and again.
        for _ in 1...Self.attempts {
            let fields = Cancel.Seen.fields.map(\.rawValue)
            let seen = Cancel.Seen(try await bus.redis.execute(HMGET(bus.keys.record(of: command.run), fields)))
            // Who is among the run's requesters has heard of the end.
            let isTold = isEnded && command.replyName.map { seen.replyNames.split(separator: ",").map(String.init).contains($0) } == true
            let call = Cancel(
                bus: bus, command: isTold ? command.withoutReply : command, entry: delivery.entry.id, stream: delivery.stream, seen: seen,
                made: bus.clock.now)
            switch try await bus.scripts.send(call, waitsForRepair: false) {
            case .asked(let reason):
                // Another bridge hears of it with its next heartbeat at the latest.
                sessions.session(of: command.run)?.stop(.cancelled(reason: reason))
                return .done
            case .stranded(let reason):
                // A bridge that has its workflow may be on its way back, and would undo what the run has done.
                if let disposition = try await forwarding.leave(delivery) { return disposition }
                guard try await stranded.end(command.run, reason: reason) else { return .left(until: forwarding.nextLook) }
                isEnded = true
            case .cancelled, .duplicate, .gone: return .done
            case .unknown: throw command.unknownRun
            case .moved: continue
            }
        }
        return .left(until: forwarding.nextLook)
    }
}

extension CancelCommand {
    fileprivate var withoutReply: CancelCommand { CancelCommand(run: run, reason: reason, replyName: nil) }
}
