import CanoPrimitives

/// Turns the fields of an entry into a command, or says what is wrong with them.
///
/// It checks the fields, in the order of the contract, and nothing that only Redis, the engine or the registry knows.
package struct CommandParser: Sendable {
    /// The longest input, in bytes.
    package let maximumInputBytes: Int

    package init(maximumInputBytes: Int) {
        self.maximumInputBytes = maximumInputBytes
    }

    /// Reads a command.
    ///
    /// - Parameters:
    ///   - entry: The id of its entry, which is the run's when a start gives none.
    ///   - fields: Its fields.
    ///   - stream: Where it was read.
    /// - Returns: The command.
    /// - Throws: What is wrong with it.
    package func parse(
        _ entry: String, _ fields: [(name: [UInt8], value: [UInt8])], from stream: InboundStream
    ) throws(Rejection) -> Command {
        let reader = Reader(entry: entry, fields: CommandFields(fields), maximumInputBytes: maximumInputBytes)
        do {
            guard fields.count <= BusLimits.commandFields else {
                throw reader.rejection(
                    .tooLarge, "The command has \(fields.count) fields; \(BusLimits.commandFields) are the most it may have.")
            }
            return try reader.command(from: stream)
        } catch let invalid as InvalidField {
            throw reader.rejection(.invalidField, invalid.message)
        } catch let rejection as Rejection {
            throw rejection
        } catch {
            throw reader.rejection(.invalidField, "\(error)")
        }
    }
}

private struct Reader {
    let entry: String
    let fields: CommandFields
    let maximumInputBytes: Int

    private static let types = CommandType.allCases.map(\.rawValue).dropLast().joined(separator: ", ")
    private static let lastType = CommandType.allCases.last?.rawValue ?? ""

    func command(from stream: InboundStream) throws -> Command {
        guard !fields.hasUnreadableName else { throw rejection(.invalidField, "The name of a field is not valid UTF-8.") }
        guard let text = try fields.type() else {
            let hint = fields.hasOnlyData ? " A CloudEvent is sent as fields of the entry, one for each of its attributes." : ""
            throw rejection(.missingField, "The field type is missing: say type \(Self.types) or \(Self.lastType).\(hint)")
        }
        guard let type = CommandType(rawValue: text) else {
            throw rejection(
                .unknownType, "No command has the type \"\(text.prefix(100))\": there are \(Self.types) and \(Self.lastType).")
        }
        if type == .start, stream != .commands {
            throw rejection(
                .invalidField, "A start belongs on the commands stream, whose length is the backlog. All other commands may go to either.")
        }
        let trace = fields.trace()
        switch type {
        case .start: return .start(try start(trace))
        case .cancel: return .cancel(try cancel(trace))
        case .resume: return .resume(ResumeCommand(run: try run(), replyName: try fields.name(.replyTo), trace: trace))
        case .schedule: return .schedule(try schedule(trace))
        case .unschedule:
            return .unschedule(UnscheduleCommand(try scheduleName(), replyName: try fields.name(.replyTo), trace: trace))
        }
    }

    /// A rejection with as much of the command as is valid.
    func rejection(_ code: RejectionCode, _ message: String) -> Rejection {
        func valid(_ read: () throws(InvalidField) -> String?) -> String? {
            do { return try read() } catch { return nil }
        }
        return Rejection(
            code, message,
            of: Rejection.Addressee(
                run: valid(fields.run), workflow: valid(fields.workflow),
                replyName: valid { () throws(InvalidField) in try fields.name(.replyTo) }, traceparent: fields.trace().parent))
    }

    private func start(_ trace: TraceContext) throws -> StartCommand {
        let workflow = try workflow()
        let run = try fields.run() ?? entry
        let version = try fields.name(.version)
        let replyName = try fields.name(.replyTo)
        let time = try startTime()
        let expiresAt = try fields.milliseconds(.expiresAt)
        let timeout = try fields.milliseconds(.timeout)
        if timeout == 0 {
            throw rejection(.invalidField, "\(fields.spelled(.timeout)) is 0: give the run at least a millisecond.")
        }
        let schedule = try fields.text(.schedule)
        return StartCommand(
            workflow, run: run, version: version, input: try input(), replyName: replyName, expiresAt: expiresAt, start: time,
            timeout: timeout, schedule: schedule, trace: trace)
    }

    private func startTime() throws -> StartCommand.StartTime? {
        switch (try fields.milliseconds(.notBefore), try fields.milliseconds(.delay)) {
        case (.some, .some):
            throw rejection(.invalidField, "\(fields.spelled(.notBefore)) and \(fields.spelled(.delay)) are both given: choose one.")
        case (let moment?, nil): return .at(moment)
        case (nil, let delay?): return .after(delay)
        case (nil, nil): return nil
        }
    }

    private func cancel(_ trace: TraceContext) throws -> CancelCommand {
        let reason = try fields.text(.reason) ?? CancelCommand.defaultReason
        guard reason.utf8.count <= BusLimits.reasonBytes else {
            throw rejection(
                .invalidField, "reason is \(reason.utf8.count) bytes long; \(BusLimits.reasonBytes) are the most it may be.")
        }
        return CancelCommand(run: try run(), reason: reason, replyName: try fields.name(.replyTo), trace: trace)
    }

    private func schedule(_ trace: TraceContext) throws -> ScheduleCommand {
        let name = try scheduleName()
        let workflow = try workflow()
        let due = try due()
        return ScheduleCommand(
            name, of: workflow, due: due, version: try fields.name(.version), input: try input(), replyName: try fields.name(.replyTo),
            timeZone: try fields.text(.timeZone), jitter: try fields.milliseconds(.jitter) ?? 0,
            catchUp: try fields.choice(.catchUp) ?? .skip, overlap: try fields.choice(.overlap) ?? .skip, trace: trace)
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
        case (nil, nil, nil): throw rejection(.missingField, "Nothing says when it is due: give cron, every_ms or at.")
        default: throw rejection(.invalidField, "More than one of cron, every_ms and at is given: choose one.")
        }
    }

    private func workflow() throws -> String {
        guard let workflow = try fields.workflow() else {
            throw rejection(.missingField, "The field workflow is missing: name a registered workflow.")
        }
        return workflow
    }

    private func run() throws -> String {
        guard let run = try fields.run() else { throw rejection(.missingField, "The field id is missing: name the run.") }
        return run
    }

    private func scheduleName() throws -> String {
        guard let name = try fields.scheduleName() else {
            throw rejection(.missingField, "The field name is missing: name the schedule.")
        }
        return name
    }

    /// The input, `null` where there is none; not yet known to be JSON.
    private func input() throws -> String {
        if fields.hasBinaryData {
            throw rejection(
                .invalidField, "\(CommandFields.binaryData) is not read: send the JSON text itself as \(fields.spelled(.input)).")
        }
        let input = try fields.text(.input) ?? "null"
        guard input.utf8.count <= maximumInputBytes else {
            throw rejection(.tooLarge, "The input is \(input.utf8.count) bytes long; \(maximumInputBytes) are the most it may be.")
        }
        return input
    }
}
