import CanoPrimitives

/// Reads the commands that are about runs and schedules.
struct CommandReader {
    let entry: String
    let fields: CommandFields
    let limits: BusLimits

    // MARK: Runs

    func start() throws -> StartCommand {
        let workflow = try workflow()
        let run = try fields.run() ?? entry
        let version = try fields.name(.version)
        let replyName = try fields.name(.replyTo)
        let time = try startTime()
        let expiresAt = try fields.milliseconds(.expiresAt)
        let timeout = try fields.milliseconds(.timeout)
        if timeout == 0 {
            throw fields.rejection(.invalidField, "\(fields.spelled(.timeout)) is 0: give the run at least a millisecond.")
        }
        let schedule = try fields.text(.schedule)
        let child = ChildName(run)
        guard try fields.text(.parent) == child?.parent, try fields.text(.root) == child?.root else {
            throw InvalidField("parent and root are said of a child run alone, by the bridge that starts it: leave them out.")
        }
        if child != nil, time != nil || expiresAt != nil || schedule != nil {
            throw InvalidField("A child run has a parent, which waits for it: it starts at once, or is cancelled.")
        }
        return StartCommand(
            workflow, run: run, version: version, input: try input(), attributes: try fields.attributes(), replyName: replyName,
            expiresAt: expiresAt, start: time, timeout: timeout, schedule: schedule, trace: fields.trace())
    }

    private func startTime() throws -> StartCommand.StartTime? {
        switch (try fields.milliseconds(.notBefore), try fields.milliseconds(.delay)) {
        case (.some, .some):
            throw fields.rejection(
                .invalidField, "\(fields.spelled(.notBefore)) and \(fields.spelled(.delay)) are both given: choose one.")
        case (let moment?, nil): return .at(moment)
        case (nil, let delay?): return .after(delay)
        case (nil, nil): return nil
        }
    }

    func cancel() throws -> CancelCommand {
        let reason = try fields.text(.reason, atMost: BusLimits.reasonBytes) ?? CancelCommand.defaultReason
        return CancelCommand(run: try run(), reason: reason, replyName: try fields.name(.replyTo), trace: fields.trace())
    }

    func resume() throws -> ResumeCommand {
        ResumeCommand(run: try run(), replyName: try fields.name(.replyTo), trace: fields.trace())
    }

    func signal() throws -> SignalCommand {
        let run = try run()
        guard let name = try fields.name(.name) else {
            throw fields.rejection(.missingField, "The field name is missing: name the signal.")
        }
        return SignalCommand(
            name, run: run, data: try fields.checkedJSON(.data, called: "data", atMost: BusLimits.signalDataBytes),
            messageID: try fields.messageID(), keep: try keep(), replyName: try fields.name(.replyTo), trace: fields.trace())
    }

    private func keep() throws -> Int64? {
        guard let keep = try fields.milliseconds(.keep) else { return nil }
        let retention = limits.retention.wholeMilliseconds
        guard (1...max(1, retention)).contains(keep) else {
            let most = "\(retention), for which records are kept, is the most it may be"
            throw InvalidField("\(fields.spelled(.keep)) is \(keep): \(keep == 0 ? "give at least a millisecond" : most).")
        }
        return keep
    }

    // MARK: Schedules

    func schedule() throws -> ScheduleCommand {
        let name = try scheduleName()
        let workflow = try workflow()
        let due = try due()
        return ScheduleCommand(
            name, of: workflow, due: due, version: try fields.name(.version), input: try input(), attributes: try fields.attributes(),
            replyName: try fields.name(.replyTo),
            timeZone: try fields.text(.timeZone), jitter: try fields.milliseconds(.jitter) ?? 0,
            catchUp: try fields.choice(.catchUp) ?? .skip, overlap: try fields.choice(.overlap) ?? .skip, trace: fields.trace())
    }

    private func due() throws -> ScheduleCommand.Due {
        switch (try fields.text(.cron), try fields.milliseconds(.interval), try fields.milliseconds(.at)) {
        case (let expression?, nil, nil): return .cron(expression)
        case (nil, let interval?, nil):
            let shortest = BusLimits.shortestInterval.wholeMilliseconds
            guard interval >= shortest else {
                throw InvalidField("\(fields.spelled(.interval)) is \(interval): \(shortest) is the least it may be.")
            }
            return .every(interval)
        case (nil, nil, let moment?): return .at(moment)
        case (nil, nil, nil):
            throw fields.rejection(.missingField, "Nothing says when it is due: give cron, every_ms or at.")
        default: throw fields.rejection(.invalidField, "More than one of cron, every_ms and at is given: choose one.")
        }
    }

    /// A command that names a schedule and says no more.
    func steering<Steering: ScheduleSteering>() throws -> Steering {
        Steering(try scheduleName(), replyName: try fields.name(.replyTo), trace: fields.trace())
    }

    // MARK: What several have

    private func workflow() throws -> String {
        guard let workflow = try fields.workflow() else {
            throw fields.rejection(.missingField, "The field workflow is missing: name a registered workflow.")
        }
        return workflow
    }

    private func run() throws -> String {
        guard let run = try fields.run() else { throw fields.rejection(.missingField, "The field id is missing: name the run.") }
        return run
    }

    private func scheduleName() throws -> String {
        guard let name = try fields.scheduleName() else {
            throw fields.rejection(.missingField, "The field name is missing: name the schedule.")
        }
        return name
    }

    /// The input, `null` where there is none; not yet known to be JSON.
    private func input() throws -> String { try fields.json(.input, called: "input", atMost: limits.inputBytes) }
}
