import CanoCore

extension CommandFields {
    /// The name of a schedule, which is required.
    func scheduleName(_ reject: (RejectionCode, String) -> Rejection) throws -> String {
        guard let name = try scheduleName() else { throw reject(.missingField, "The field name is missing: name the schedule.") }
        return name
    }

    /// What a schedule command asks for.
    func scheduleDefinition(maximumInputBytes: Int, _ trace: TraceContext, _ reject: (RejectionCode, String) -> Rejection) throws
        -> ScheduleDefinition
    {
        guard let workflow = try workflow() else {
            throw reject(.missingField, "The field workflow is missing: name a registered workflow.")
        }
        let due = try scheduleDue(reject)
        return ScheduleDefinition(
            workflow: workflow, version: try version(), input: try input(atMost: maximumInputBytes, reject), replyName: try replyName(),
            due: due, zone: try zone(), jitter: try milliseconds("jitter_ms") ?? 0,
            catchUp: try choice("catch_up") ?? .skip, overlap: try choice("overlap") ?? .skip, trace: trace)
    }

    private func scheduleDue(_ reject: (RejectionCode, String) -> Rejection) throws -> ScheduleDefinition.Due {
        let (cron, interval, moment) = (try cron(), try milliseconds("every_ms"), try milliseconds("at"))
        switch (cron, interval, moment) {
        case (let expression?, nil, nil): return .cron(expression)
        case (nil, let interval?, nil):
            guard interval >= ScheduleDefinition.shortestInterval else {
                throw InvalidField("every_ms is \(interval): \(ScheduleDefinition.shortestInterval) is the least it may be.")
            }
            try check(.fixedRate(.milliseconds(interval)), "every_ms")
            return .every(interval)
        case (nil, nil, let moment?):
            try check(.once(at: moment), "at")
            return .at(moment)
        case (nil, nil, nil): throw reject(.missingField, "Nothing says when it is due: give cron, every_ms or at.")
        default: throw reject(.invalidField, "More than one of cron, every_ms and at is given: choose one.")
        }
    }

    private func check(_ timing: Timing, _ field: String) throws(InvalidField) {
        if let problem = timing.problem { throw InvalidField("\(field) can't be used: \(problem).") }
    }

    private func cron() throws -> CronExpression? {
        guard let text = try text("cron") else { return nil }
        do {
            return try CronExpression(text)
        } catch {
            throw InvalidField("cron can't be used: \(error.message)")
        }
    }

    private func zone() throws -> ScheduleTimeZone {
        guard let name = try text(spelled("time_zone")) else { return .utc }
        do {
            return try ScheduleTimeZone(name)
        } catch {
            throw InvalidField("\(spelled("time_zone")) can't be used: \(error.message)")
        }
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(_ plain: String) throws(InvalidField) -> Choice?
    where Choice.RawValue == String {
        guard let text = try text(spelled(plain)) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidField("\(spelled(plain)) is \"\(text.prefix(40))\": choose one of \(choices).")
        }
        return choice
    }
}
