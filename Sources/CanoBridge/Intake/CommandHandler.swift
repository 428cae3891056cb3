import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Carries out one kind of command.
protocol CommandHandling<Command>: Sendable {
    associatedtype Command: BusCommand

    /// Carries out a command; returns when that is done, for a start when its run is under way.
    ///
    /// - Throws: ``Rejection`` when it can't be carried out; ``Relinquished`` when the bridge stopped meanwhile; ``RedisError``
    ///   when it can't be carried out now.
    func handle(_ command: Command, _ delivery: Delivery) async throws -> Disposition
}

/// Takes one entry from the moment it was read to its end.
final class CommandHandler: Sendable {
    private let bus: Bus
    private let forwarding: ShardForwarding
    private let start: StartHandler
    private let cancel: CancelHandler
    private let resume: ResumeHandler
    private let signal: SignalHandler
    private let result: ResultHandler
    private let setSchedule: SetScheduleHandler
    private let removeSchedule: RemoveScheduleHandler
    private let pauseSchedule: PauseScheduleHandler
    private let resumeSchedule: ResumeScheduleHandler
    private let runSchedule: RunScheduleHandler
    private let isDraining: @Sendable () -> Bool

    init(
        bus: Bus, forwarding: ShardForwarding, start: StartHandler, cancel: CancelHandler, resume: ResumeHandler, signal: SignalHandler,
        result: ResultHandler, setSchedule: SetScheduleHandler, removeSchedule: RemoveScheduleHandler,
        pauseSchedule: PauseScheduleHandler, resumeSchedule: ResumeScheduleHandler, runSchedule: RunScheduleHandler,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.bus = bus
        self.forwarding = forwarding
        self.start = start
        self.cancel = cancel
        self.resume = resume
        self.signal = signal
        self.result = result
        self.setSchedule = setSchedule
        self.removeSchedule = removeSchedule
        self.pauseSchedule = pauseSchedule
        self.resumeSchedule = resumeSchedule
        self.runSchedule = runSchedule
        self.isDraining = isDraining
    }

    /// Handles an entry.
    ///
    /// - Returns: Whether the entry is answered, or left pending, and the run that it has begun.
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; what keeps the entry from being handled now.
    func handle(_ delivery: Delivery) async throws -> Disposition {
        // What has not begun is left for another bridge.
        guard !isDraining() else { return .left(until: .max) }
        let parser = CommandParser(limits: bus.limits)
        do {
            let command = try parser.parse(delivery.entry.id.description, delivery.entry.fields, from: delivery.stream)
            if try await forwarding.forward(command, delivery) { return .done }
            switch command {
            case .start(let command): return try await start.handle(command, delivery)
            case .cancel(let command): return try await cancel.handle(command, delivery)
            case .resume(let command): return try await resume.handle(command, delivery)
            case .signal(let command): return try await signal.handle(command, delivery)
            case .schedule(let command): return try await setSchedule.handle(command, delivery)
            case .unschedule(let command): return try await removeSchedule.handle(command, delivery)
            case .pauseSchedule(let command): return try await pauseSchedule.handle(command, delivery)
            case .resumeSchedule(let command): return try await resumeSchedule.handle(command, delivery)
            case .runSchedule(let command): return try await runSchedule.handle(command, delivery)
            case .complete(let answer): return try await result.handle(.complete(answer), delivery)
            case .fail(let answer): return try await result.handle(.fail(answer), delivery)
            case .release(let answer): return try await result.handle(.release(answer), delivery)
            case .defer(let answer): return try await result.handle(.defer(answer), delivery)
            }
        } catch let rejection as Rejection {
            var call = Reject(rejection, of: delivery.entry, from: delivery.stream, on: bus)
            var answer = try await bus.scripts.send(call, waitsForRepair: false)
            while case .parent(let place) = answer {
                call.child?.parent = place
                answer = try await bus.scripts.send(call, waitsForRepair: false)
            }
            if answer == .rejected { bus.metrics?.count(.rejections, rejection.code.rawValue) }
            bus.logger.info("a command was rejected", metadata: metadata(of: rejection, delivery))
            return .done
        }
    }

    private func metadata(of rejection: Rejection, _ delivery: Delivery) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "entry": "\(delivery.entry.id)", "code": "\(rejection.code.rawValue)", "message": "\(rejection.message)",
        ]
        if let run = rejection.addressee.run { metadata["run"] = "\(run)" }
        if let workflow = rejection.addressee.workflow { metadata["workflow"] = "\(workflow)" }
        return metadata
    }
}
