import CanoRedis

/// Turns an entry of an inbound stream into a command, or says what is wrong with it.
struct CommandParser: Sendable {
    /// The inbound streams.
    enum Stream: Sendable, Hashable {
        case commands, control
    }

    /// The most fields an entry may have.
    static let maximumFieldCount = 64

    /// The longest input, in bytes.
    let maximumInputBytes: Int

    /// Checks the fields, in the order of the contract, and nothing that only Redis or the registry knows.
    func parse(_ entry: StreamEntry, from stream: Stream) throws(Rejection) -> Command {
        let fields = CommandFields(entry)
        let trace = fields.trace()
        func reject(_ code: RejectionCode, _ message: String) -> Rejection {
            Rejection(
                code: code, message: message, yieldsToKnownRun: false, addressee: addressee(of: fields, trace: trace), isStart: false)
        }
        do {
            guard entry.fields.count <= Self.maximumFieldCount else {
                throw reject(
                    .tooLarge, "The command has \(entry.fields.count) fields; \(Self.maximumFieldCount) are the most it may have.")
            }
            guard !fields.hasUnreadableName else {
                throw reject(.invalidField, "The name of a field is not valid UTF-8.")
            }
            guard let type = try fields.type() else {
                throw reject(.missingField, "The field type is missing: say type start, cancel, resume, schedule or unschedule.")
            }
            if ["start", "resume"].contains(type), stream != .commands {
                throw reject(
                    .invalidField,
                    "A \(type) belongs on the commands stream: it needs a free slot, which nothing on the control stream does.")
            }
            switch type {
            case "start": return .start(try start(fields, entry, trace, reject))
            case "cancel": return .cancel(try cancel(fields, trace, reject))
            case "resume":
                return .resume(ResumeCommand(run: try run(fields, reject), replyName: try fields.replyName(), trace: trace))
            case "schedule":
                let name = try fields.scheduleName(reject)
                return .schedule(
                    ScheduleCommand(
                        name: name, definition: try fields.scheduleDefinition(maximumInputBytes: maximumInputBytes, trace, reject)))
            case "unschedule":
                return .unschedule(
                    UnscheduleCommand(name: try fields.scheduleName(reject), replyName: try fields.replyName(), trace: trace))
            default:
                throw reject(
                    .unknownType,
                    "No command has the type \"\(type.prefix(100))\": there are start, cancel, resume, schedule and unschedule.")
            }
        } catch let invalid as InvalidField {
            throw reject(.invalidField, invalid.message)
        } catch let rejection as Rejection {
            throw rejection
        } catch {
            throw reject(.invalidField, "\(error)")
        }
    }

    private typealias Reject = (RejectionCode, String) -> Rejection

    private func start(_ fields: CommandFields, _ entry: StreamEntry, _ trace: TraceContext, _ reject: Reject) throws -> StartCommand {
        guard let workflow = try fields.workflow() else {
            throw reject(.missingField, "The field workflow is missing: name a registered workflow.")
        }
        let run = try fields.runID() ?? entry.id.description
        let version = try fields.version()
        let replyName = try fields.replyName()
        let time = try startTime(fields, reject)
        let expiresAt = try fields.milliseconds("expires_at")
        let timeout = try fields.milliseconds("timeout_ms")
        if timeout == 0 { throw reject(.invalidField, "timeout_ms is 0: give the run at least a millisecond.") }
        let schedule = try fields.schedule()
        let input = try fields.input(atMost: maximumInputBytes, reject)
        return StartCommand(
            run: run, workflow: workflow, version: version, input: input, replyName: replyName, expiresAt: expiresAt, start: time,
            timeout: timeout, schedule: schedule, trace: trace)
    }

    private func startTime(_ fields: CommandFields, _ reject: Reject) throws -> StartCommand.StartTime? {
        switch (try fields.milliseconds("not_before"), try fields.milliseconds("delay_ms")) {
        case (.some, .some): throw reject(.invalidField, "not_before and delay_ms are both given: choose one.")
        case (let moment?, nil): return .at(moment)
        case (nil, let delay?): return .after(delay)
        case (nil, nil): return nil
        }
    }

    private func cancel(_ fields: CommandFields, _ trace: TraceContext, _ reject: Reject) throws -> CancelCommand {
        let reason = try fields.reason() ?? "requested"
        guard reason.utf8.count <= CancelCommand.maximumReasonBytes else {
            throw reject(
                .invalidField, "reason is \(reason.utf8.count) bytes long; \(CancelCommand.maximumReasonBytes) are the most it may be.")
        }
        return CancelCommand(run: try run(fields, reject), reason: reason, replyName: try fields.replyName(), trace: trace)
    }

    private func run(_ fields: CommandFields, _ reject: Reject) throws -> String {
        guard let run = try fields.runID() else { throw reject(.missingField, "The field id is missing: name the run.") }
        return run
    }

    /// What of a broken command is valid all the same.
    private func addressee(of fields: CommandFields, trace: TraceContext) -> Rejection.Addressee {
        func valid(_ read: () throws(InvalidField) -> String?) -> String? {
            do { return try read() } catch { return nil }
        }
        return Rejection.Addressee(
            run: valid(fields.runID), workflow: valid(fields.workflow), replyName: valid(fields.replyName),
            traceparent: trace.parent)
    }
}
