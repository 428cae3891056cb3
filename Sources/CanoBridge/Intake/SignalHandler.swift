import CanoBus
import CanoCore
import CanoRedis

/// Takes signals to runs, wherever they are.
struct SignalHandler: CommandHandling {
    let waker: RunWaker
    let forwarding: CommandForwarding

    func handle(_ command: SignalCommand, _ delivery: Delivery) async throws -> Disposition {
        let bus = waker.bus
        let disposition = try await SeenRun.acting(on: command.run, bus) { seen -> Disposition? in
            let outcome = try await waker.send(seen) { claiming in
                Signal(
                    bus: bus, command: command, entry: delivery.entry.id, stream: delivery.stream, seen: seen, claiming: claiming,
                    made: bus.clock.now)
            }
            switch outcome {
            case .woke, .duplicate, .early, .gone: return .done
            case .kept:
                waker.look(command.run)
                return .done
            case .full: throw command.inboxFull
            case .over: throw command.runOver
            case .moved: return nil
            }
        }
        return disposition ?? .left(until: forwarding.nextLook)
    }
}
