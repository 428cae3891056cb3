import CanoCore
import CanoRedis
import Logging

/// Takes one entry from the moment it was read to its end: for a start, that of its run.
struct CommandHandler: Sendable {
    let bus: BusKeys
    let bridge: String
    let registry: WorkflowRegistry
    let runner: RunRunner
    let schedules: ScheduleHandler
    let referral: WorkflowReferral
    let redis: RedisClient
    let sender: ScriptSender
    let clock: BusClock
    let limits: BusLimits
    let isDraining: @Sendable () -> Bool
    let logger: Logger

    /// How far this bridge may be behind Redis' clock, in milliseconds.
    private static let largestLag: Int64 = 5_000
    /// When to look again at a command whose run is busy, in milliseconds.
    private static let pause: Int64 = 1_000

    /// What is to be done with an entry after it was handled.
    enum Disposition: Sendable {
        /// It was answered, or is somebody else's.
        case done
        /// It waits for a bridge that has its workflow, until the moment given in milliseconds since 1970.
        case left(until: Int64)
    }

    /// Handles an entry; returns when its run is over.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - stream: Where it was read.
    ///   - since: When this bridge first saw it, in milliseconds since 1970.
    /// - Returns: Whether the entry is answered, or left pending.
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; what keeps the entry from being handled now.
    func handle(_ entry: StreamEntry, from stream: CommandParser.Stream, since: Int64) async throws -> Disposition {
        // What was not begun is left for another bridge.
        guard !isDraining() else { return .left(until: .max) }
        // An entry's id is when it was published, unless its producer chose one of the future.
        let moment = Int64(clamping: entry.id.milliseconds)
        let published = moment - since > Self.largestLag ? since : moment
        do {
            switch try CommandParser(maximumInputBytes: limits.inputBytes).parse(entry, from: stream) {
            case .start(let command): return try await start(command, entry, published: published)
            case .cancel(let command): return try await cancel(command, entry, from: stream)
            case .resume(let command): return try await resume(command, entry, published: published)
            case .schedule(let command): return try await schedules.set(command, entry, from: stream, published: published)
            case .unschedule(let command): return try await schedules.remove(command, entry, from: stream)
            }
        } catch let rejection as Rejection {
            try await reject(rejection, entry, from: stream)
            return .done
        }
    }

    // MARK: Start

    private func start(_ command: StartCommand, _ entry: StreamEntry, published: Int64) async throws -> Disposition {
        if let schedule = command.reservingSchedule, try await redis.execute(ZSCORE(bus.schedules, schedule)) != nil {
            throw command.reserved(for: schedule)
        }
        guard let workflow = registry.workflow(command.workflow, version: command.version) else {
            let refusal = referral.missing(command.workflow, command.version, command.refused)
            let letter = RejectionLetter(bus: bus, bridge: bridge, limits: limits)
            let answer = try await sender.send(
                letter.call(for: refusal, of: entry, from: .commands, scope: .answeringKnownRun, now: clock.now),
                waitsForRepair: false)
            guard answer.string == "unknown" else { return .done }
            return try await referral.refer(
                entry, from: .commands, published: published, for: command.workflow, command.version, orThrow: refusal)
        }
        if let expiry = command.expiresAt, expiry <= clock.now { throw command.expired(at: expiry) }
        let drive: RegisteredWorkflow.Drive
        do {
            drive = try workflow.checked(command.input)
        } catch {
            throw command.refused(.invalidInput, InputProblem.describe(error, in: command.input, workflow: workflow.name))
        }
        let acceptance = try await runner.run(
            command, of: workflow, entry: entry.id, notBefore: command.notBefore(published: published), drive: drive)
        if acceptance == .expired, let expiry = command.expiresAt { throw command.expired(at: expiry) }
        return .done
    }

    // MARK: Cancel

    private func cancel(
        _ command: CancelCommand, _ entry: StreamEntry, from stream: CommandParser.Stream
    ) async throws -> Disposition {
        var names = ""
        while true {
            let answer = try await sender.send(
                CancelLetter(bus: bus, bridge: bridge, limits: limits).call(
                    for: command, entry: entry.id, from: stream, replyNames: names, now: clock.now),
                waitsForRepair: false)
            switch answer.string ?? answer.arrayValue?.first?.string {
            case "asked":
                // Another bridge hears of it with its next heartbeat at the latest.
                runner.sessions.session(of: command.run)?.stop(.cancelled(reason: answer.arrayValue?.last?.string))
                return .done
            case "cancelled", "duplicate", "gone": return .done
            case "unknown": throw command.unknownRun
            case "replies": names = answer.arrayValue?.last?.string ?? ""
            default: throw RedisError(.unexpectedReply, "The script cancel answered \(answer).")
            }
        }
    }

    // MARK: Resume

    private func resume(_ command: ResumeCommand, _ entry: StreamEntry, published: Int64) async throws -> Disposition {
        _ = try await resumable(command)
        // A session that lost the run may not be over yet: a task can be slow to stop.
        guard runner.sessions.reserve(command.run) else { return .left(until: clock.now + Self.pause) }
        defer { runner.sessions.unreserve(command.run) }
        while true {
            let record = try await resumable(command)
            guard let workflow = registry.workflow(record.workflow, version: record.version) else {
                let refusal = referral.missing(record.workflow, record.version, command.refused)
                return try await referral.refer(
                    entry, from: .commands, published: published, for: record.workflow, record.version, orThrow: refusal)
            }
            let asked = runner.runtime.clock.now
            let call = ClaimLetter(bus: bus, bridge: bridge, limits: limits).resume(
                command, entry: entry.id, record: record, of: workflow, now: clock.now)
            switch try ClaimAnswer(try await sender.send(call, waitsForRepair: false), about: command.run) {
            case .claimed(let run):
                await runner.goOn(with: run, as: command.run, of: workflow, since: asked)
                return .done
            case .refused(.gone): return .done
            // The record has changed since it was read.
            case .refused, .replies, .quarantined: continue
            }
        }
    }

    /// The record of the run that a command wants to go on.
    ///
    /// - Throws: ``Rejection`` when there is none, or it can't go on; ``RedisError``.
    private func resumable(_ command: ResumeCommand) async throws -> RunRecord {
        guard let record = try RunRecord(try await redis.execute(HGETALL(bus.record(of: command.run))), of: command.run) else {
            throw command.unknownRun
        }
        guard record.status.isOver, record.isResumable else { throw command.notResumable(record) }
        return record
    }

    private func reject(_ rejection: Rejection, _ entry: StreamEntry, from stream: CommandParser.Stream) async throws {
        let letter = RejectionLetter(bus: bus, bridge: bridge, limits: limits)
        _ = try await sender.send(
            letter.call(for: rejection, of: entry, from: stream, now: clock.now), waitsForRepair: false)
        logger.info("a command was rejected", metadata: ["entry": "\(entry.id)", "code": "\(rejection.code.rawValue)"])
    }
}
