/// Turns the fields of an entry into a command, or says what is wrong with them.
///
/// It checks the fields, in the order of the contract, and nothing that only Redis, the engine or the registry knows.
package struct CommandParser: Sendable {
    private let limits: BusLimits

    /// Creates one for a bus with these limits: of inputs, and of how long signals are kept.
    package init(limits: BusLimits) {
        self.limits = limits
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
        let count = fields.count
        let fields = CommandFields(fields)
        do {
            guard count <= BusLimits.commandFields else {
                throw fields.rejection(.tooLarge, "The command has \(count) fields; \(BusLimits.commandFields) are the most it may have.")
            }
            return try command(Self.type(of: fields, on: stream), fields, entry)
        } catch let invalid as InvalidField {
            throw fields.rejection(.invalidField, invalid.message)
        } catch let rejection as Rejection {
            throw rejection
        } catch {
            throw fields.rejection(.invalidField, "\(error)")
        }
    }

    private func command(_ type: CommandType, _ fields: CommandFields, _ entry: String) throws -> Command {
        let commands = CommandReader(entry: entry, fields: fields, limits: limits)
        let answers = AnswerReader(fields: fields)
        return switch type {
        case .start: .start(try commands.start())
        case .cancel: .cancel(try commands.cancel())
        case .resume: .resume(try commands.resume())
        case .signal: .signal(try commands.signal())
        case .schedule: .schedule(try commands.schedule())
        case .unschedule: .unschedule(try commands.steering())
        case .pauseSchedule: .pauseSchedule(try commands.steering())
        case .resumeSchedule: .resumeSchedule(try commands.steering())
        case .runSchedule: .runSchedule(try commands.steering())
        case .complete: .complete(try answers.complete())
        case .fail: .fail(try answers.fail())
        case .release: .release(try answers.release())
        case .defer: .defer(try answers.deferral())
        }
    }

    // MARK: The type

    /// The type of a command, which is one that may be on that stream.
    private static func type(of fields: CommandFields, on stream: InboundStream) throws -> CommandType {
        guard !fields.hasUnreadableName else { throw fields.rejection(.invalidField, "The name of a field is not valid UTF-8.") }
        guard let text = try fields.type() else {
            let hint = fields.hasOnlyData ? " A CloudEvent is sent as fields of the entry, one for each of its attributes." : ""
            throw fields.rejection(.missingField, "The field type is missing: say type \(types(on: stream, "or")).\(hint)")
        }
        guard let type = CommandType(rawValue: text) else {
            throw fields.rejection(
                .unknownType, "No command here has the type \"\(text.prefix(100))\": there are \(types(on: stream, "and")).")
        }
        if type.isAnswer, stream != .results {
            throw fields.rejection(.invalidField, "A worker's answer belongs on the results stream, and \(text) is one.")
        }
        if !type.isAnswer, stream == .results {
            throw fields.rejection(
                .invalidField, "Only workers' answers belong on the results stream: there are \(types(on: stream, "and")).")
        }
        if type == .start, stream != .commands {
            throw fields.rejection(
                .invalidField, "A start belongs on the commands stream, whose length is the backlog. All other commands may go to either.")
        }
        if type.isAnswer, fields.isCloudEvent {
            throw fields.rejection(.invalidField, "specversion is given, and an answer is no CloudEvent: send its own fields alone.")
        }
        return type
    }

    /// The types that commands may have on a stream, for messages.
    private static func types(on stream: InboundStream, _ conjunction: String) -> String {
        let types = CommandType.allCases.filter { $0.isAnswer == (stream == .results) }.map(\.rawValue)
        return types.dropLast().joined(separator: ", ") + " \(conjunction) " + (types.last ?? "")
    }
}
