import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Carries out one kind of command.
protocol CommandHandling<Command>: Sendable {
    associatedtype Command: BusCommand

    /// Carries out a command; returns when that is done, for a start when its run is over.
    ///
    /// - Throws: ``Rejection`` when it can't be carried out; ``Relinquished`` when the bridge stopped meanwhile; ``RedisError``
    ///   when it can't be carried out now.
    func handle(_ command: Command, _ delivery: Delivery) async throws -> Disposition
}

/// Takes one entry from the moment it was read to its end.
final class CommandHandler: Sendable {
    private let bus: Bus
    private let start: StartHandler
    private let cancel: CancelHandler
    private let resume: ResumeHandler
    private let setSchedule: SetScheduleHandler
    private let removeSchedule: RemoveScheduleHandler
    private let isDraining: @Sendable () -> Bool

    init(
        bus: Bus, start: StartHandler, cancel: CancelHandler, resume: ResumeHandler, setSchedule: SetScheduleHandler,
        removeSchedule: RemoveScheduleHandler, isDraining: @escaping @Sendable () -> Bool
    ) {
        self.bus = bus
        self.start = start
        self.cancel = cancel
        self.resume = resume
        self.setSchedule = setSchedule
        self.removeSchedule = removeSchedule
        self.isDraining = isDraining
    }

    /// Handles an entry; returns when its run is over.
    ///
    /// - Returns: Whether the entry is answered, or left pending.
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; what keeps the entry from being handled now.
    func handle(_ delivery: Delivery) async throws -> Disposition {
        // What has not begun is left for another bridge.
        guard !isDraining() else { return .left(until: .max) }
        let parser = CommandParser(maximumInputBytes: bus.limits.inputBytes)
        do {
            switch try parser.parse(delivery.entry.id.description, delivery.entry.fields, from: delivery.stream) {
            case .start(let command): return try await start.handle(command, delivery)
            case .cancel(let command): return try await cancel.handle(command, delivery)
            case .resume(let command): return try await resume.handle(command, delivery)
            case .schedule(let command): return try await setSchedule.handle(command, delivery)
            case .unschedule(let command): return try await removeSchedule.handle(command, delivery)
            }
        } catch let rejection as Rejection {
            _ = try await bus.scripts.send(
                Reject(rejection, of: delivery.entry, from: delivery.stream, on: bus), waitsForRepair: false)
            bus.logger.info(
                "a command was rejected", metadata: ["entry": "\(delivery.entry.id)", "code": "\(rejection.code.rawValue)"])
            return .done
        }
    }
}
