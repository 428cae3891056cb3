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
    func parse(_ entry: StreamEntry, from stream: Stream) throws(Rejection) -> StartCommand {
        let fields = CommandFields(entry)
        let trace = fields.trace()
        func reject(_ code: RejectionCode, _ message: String) -> Rejection {
            Rejection(code: code, message: message, yieldsToKnownRun: false, addressee: addressee(of: fields, trace: trace))
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
                throw reject(.missingField, "The field type is missing: say type start.")
            }
            guard type == "start" else {
                throw reject(.unknownType, "No command has the type \"\(type.prefix(100))\" here: this bridge takes start.")
            }
            guard stream == .commands else {
                throw reject(.invalidField, "A start belongs on the commands stream; the control stream takes none.")
            }
            guard let workflow = try fields.workflow() else {
                throw reject(.missingField, "The field workflow is missing: name a registered workflow.")
            }
            let run = try fields.runID() ?? entry.id.description
            let version = try fields.version()
            let replyName = try fields.replyName()
            for field in ["not_before", "delay_ms", "timeout_ms"] where fields.has(field) {
                _ = try fields.milliseconds(field)
                throw reject(.invalidField, "\(field) is not supported by this version of the bridge: leave it out.")
            }
            let expiresAt = try fields.milliseconds("expires_at")
            let input = try fields.input() ?? "null"
            guard input.utf8.count <= maximumInputBytes else {
                throw reject(.tooLarge, "The input is \(input.utf8.count) bytes long; \(maximumInputBytes) are the most it may be.")
            }
            return StartCommand(
                run: run, workflow: workflow, version: version, input: input, replyName: replyName, expiresAt: expiresAt,
                trace: trace)
        } catch let invalid as InvalidField {
            throw reject(.invalidField, invalid.message)
        } catch let rejection as Rejection {
            throw rejection
        } catch {
            throw reject(.invalidField, "\(error)")
        }
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
