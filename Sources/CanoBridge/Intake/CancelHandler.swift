import CanoBus
import CanoCore
import CanoRedis

/// Cancels runs, wherever they are.
struct CancelHandler: CommandHandling {
    let bus: Bus
    let sessions: Sessions

    func handle(_ command: CancelCommand, _ delivery: Delivery) async throws -> Disposition {
        var names = ""
        while true {
            let call = Cancel(
                bus: bus, command: command, entry: delivery.entry.id, stream: delivery.stream, replyNames: names, made: bus.clock.now)
            switch try await bus.scripts.send(call, waitsForRepair: false) {
            case .asked(let reason):
                // Another bridge hears of it with its next heartbeat at the latest.
                sessions.session(of: command.run)?.stop(.cancelled(reason: reason))
                return .done
            case .cancelled, .duplicate, .gone: return .done
            case .unknown: throw command.unknownRun
            case .replies(let listed): names = listed
            }
        }
    }
}
