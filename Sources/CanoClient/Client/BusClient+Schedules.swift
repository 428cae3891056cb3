public import CanoBus
import CanoPrimitives
import CanoRedis

/// Schedules, which start runs of a workflow at their due times for as long as one bridge lives.
extension BusClient {
    /// What came of setting, pausing or resuming a schedule.
    public enum ScheduleOutcome: Sendable, Hashable {
        /// It is set, and due next at that moment: milliseconds since 1970. `nil` when only missed due times are left.
        case set(next: Int64?)
        /// It is set, and paused since that moment: milliseconds since 1970.
        case paused(since: Int64)
        /// A later command about this schedule had been carried out already.
        case superseded
    }

    /// Sets a schedule, and waits until a bridge has. It replaces the schedule of that name; with the same timing it keeps its next due time,
    /// so a program may set its schedules whenever it starts, and one that is paused stays paused. Each firing is a run with the id `<name>@<due time in ms since 1970>`.
    ///
    /// - Parameters:
    ///   - name: 1 to 100 characters of `A-Z a-z 0-9 . _ -`.
    ///   - timing: When it is due.
    ///   - workflow: What it runs.
    ///   - input: What its runs take.
    ///   - options: What else it says.
    ///   - limit: How long to wait.
    /// - Returns: What came of it.
    /// - Throws: ``ClientError`` when it was rejected, or no bridge took the command in time (it stays published, and a bridge may still take
    ///   it); `BusError`; `RedisError`.
    @discardableResult
    public func schedule<Input: Sendable, Output: Sendable>(
        _ name: String, _ timing: ScheduleTiming, _ workflow: WorkflowReference<Input, Output>, _ input: Input,
        options: ScheduleOptions = ScheduleOptions(), within limit: Duration = .seconds(40)
    ) async throws -> ScheduleOutcome {
        try Self.require(name: name)
        try Self.require(name: workflow.name)
        if let replyName = options.replyName { try Self.require(name: replyName) }
        let command = ScheduleCommand(
            name, of: workflow.name, timing, version: workflow.version, input: try workflow.json(of: input), options: options)
        return ScheduleOutcome(try await answer(to: command, about: name, within: limit, isIdempotent: true).data())
    }

    /// Sets a schedule of a workflow that takes no input. See the first overload.
    @discardableResult
    public func schedule<Output: Sendable>(
        _ name: String, _ timing: ScheduleTiming, _ workflow: WorkflowReference<Void, Output>,
        options: ScheduleOptions = ScheduleOptions(), within limit: Duration = .seconds(40)
    ) async throws -> ScheduleOutcome {
        try await schedule(name, timing, workflow, (), options: options, within: limit)
    }

    /// Removes a schedule, and waits until a bridge has. The runs it has started go on.
    ///
    /// - Throws: ``ClientError`` when there is none of that name, or no bridge took the command in time; `BusError`; `RedisError`.
    public func unschedule(_ name: String, within limit: Duration = .seconds(40)) async throws {
        try Self.require(name: name)
        _ = try await answer(to: UnscheduleCommand(name), about: name, within: limit, isIdempotent: false)
    }

    /// Lets a schedule rest, and waits until a bridge has: none of its due times fires until it is resumed. The runs it has started go on. One
    /// that is paused already stays paused since then.
    ///
    /// - Returns: What came of it.
    /// - Throws: ``ClientError`` when there is none of that name, or no bridge took the command in time; `BusError`; `RedisError`.
    @discardableResult
    public func pauseSchedule(_ name: String, within limit: Duration = .seconds(40)) async throws -> ScheduleOutcome {
        try Self.require(name: name)
        return ScheduleOutcome(try await answer(to: PauseScheduleCommand(name), about: name, within: limit, isIdempotent: true).data())
    }

    /// Lets a paused schedule go on, and waits until a bridge has: with its next due time from now on. Those that came while it was paused are
    /// never made up for. One that is not paused stays as it is.
    ///
    /// - Returns: What came of it.
    /// - Throws: ``ClientError`` when there is none of that name, when it is never due again (it stays paused), or no bridge took the command in
    ///   time; `BusError`; `RedisError`.
    @discardableResult
    public func resumeSchedule(_ name: String, within limit: Duration = .seconds(40)) async throws -> ScheduleOutcome {
        try Self.require(name: name)
        return ScheduleOutcome(try await answer(to: ResumeScheduleCommand(name), about: name, within: limit, isIdempotent: true).data())
    }

    /// Starts one run of a schedule now, also of one that is paused, and waits until a bridge has published its start. When the schedule is due
    /// next stays as it is.
    ///
    /// - Returns: The run's id: the schedule's name, `@`, and the id of the command's entry.
    /// - Throws: ``ClientError`` when there is no schedule of that name, when its last run is not over and its overlap is `skip` (the rejection is
    ///   `runNotOver`), or no bridge took the command in time; `BusError`; `RedisError`, after which a run may have been started.
    @discardableResult
    public func runSchedule(_ name: String, within limit: Duration = .seconds(40)) async throws -> String {
        try Self.require(name: name)
        let answer = try await answer(to: RunScheduleCommand(name), about: name, within: limit, isIdempotent: false)
        guard let ran = try answer.data() as? ScheduleRan else {
            throw BusError(.unreadableEvent, "A schedule that was to run was answered with the event \(answer[.type]).")
        }
        return ran.run
    }

    /// All schedules: the next one first, and those that are paused last.
    ///
    /// - Throws: `RedisError`.
    public func schedules() async throws -> [ScheduleRecord] {
        let schedules = try await onEachShard { shard in
            let listed = try await shard.redis.execute(ZRANGEBYSCORE(shard.keys.schedules, from: -.infinity, through: .infinity))
            let names = listed.map { String(decoding: $0.member, as: UTF8.self) }
            let hashes = try await shard.redis.pipeline(names.map { HGETALL(shard.keys.schedule(named: $0)) })
            return zip(names, hashes).map { name, hash in
                // A key that was deleted or overwritten is listed as damaged, beside the others.
                guard case .success(let fields) = hash else { return ScheduleRecord(name: name, fields: [:]) }
                return ScheduleRecord(name: name, fields: [String: String](hash: fields))
            }
        }
        return schedules.joined().sorted { ($0.next ?? .max, $0.name) < ($1.next ?? .max, $1.name) }
    }

    /// Publishes a command about a schedule and waits for its answer.
    private func answer(
        to command: some BusCommand, about name: String, within limit: Duration, isIdempotent: Bool
    ) async throws -> EventEntry {
        try await onShard(ofSchedule: name) {
            try await $0.answer(toSchedule: command, about: name, within: limit, isIdempotent: isIdempotent)
        }
    }
}

extension BusClient.ScheduleOutcome {
    /// What an answer says.
    fileprivate init(_ answer: (any EventData)?) {
        switch answer {
        case let set as ScheduleSet: self = set.pausedSince.map { .paused(since: $0) } ?? .set(next: set.next)
        case let paused as SchedulePaused: self = .paused(since: paused.since)
        case let resumed as ScheduleResumed: self = .set(next: resumed.next)
        default: self = .superseded
        }
    }
}

extension ScheduleCommand {
    init(_ name: String, of workflow: String, _ timing: ScheduleTiming, version: String?, input: String, options: ScheduleOptions) {
        let (due, timeZone): (Due, String?) =
            switch timing {
            case .cron(let expression, let zone): (.cron(expression), zone == "UTC" ? nil : zone)
            case .every(let interval): (.every(interval.wholeMilliseconds), nil)
            case .at(let moment): (.at(moment), nil)
            }
        self.init(
            name, of: workflow, due: due, version: version, input: input, attributes: options.attributes, replyName: options.replyName,
            timeZone: timeZone, jitter: options.jitter.wholeMilliseconds, catchUp: options.catchUp, overlap: options.overlap)
    }
}
