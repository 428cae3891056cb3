import ArgumentParser
import CanoBridge
import CanoPrimitives

/// `schedule`: starts runs of a workflow when they are due.
struct SetScheduleCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "schedule",
            abstract: "Starts a workflow again and again, or once: sets a schedule or replaces the one of that name.",
            discussion: """
                Prints when it is due next. Ends with 1 when the command was rejected, or no bridge took it in time; it may be \
                taken later then. Each firing is a run whose id is NAME@ and its due time in milliseconds since 1970.
                """)
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @Argument(help: "The workflow's name.")
    var workflow: String

    @OptionGroup var redis: RedisOptions

    @Option(help: "When it is due, in five to seven fields of cron.")
    var cron: String?

    @Option(
        name: .customLong("every-seconds"), help: "How far due times lie apart; the first is now.", transform: Duration.seconds(typed:))
    var interval: Duration?

    @Option(help: "The only due time, in milliseconds since 1970.")
    var at: Int64?

    @Option(help: "The zone that cron is read in, such as Europe/Berlin. (default: UTC)")
    var timeZone: String?

    @Option(help: "The input of its runs, as JSON.")
    var input: String?

    @Option(help: "The version of the workflow that may run them.")
    var version: String?

    @Option(
        name: .customLong("jitter-seconds"), help: "How much later than due a run may begin, at random.",
        transform: Duration.seconds(typed:))
    var jitter: Duration?

    @Option(help: "What becomes of due times that were missed by a minute or more: skip, once or all. (default: skip)")
    var catchUp: String?

    @Option(help: "What happens when it is due while its last run goes on: skip or allow. (default: skip)")
    var overlap: String?

    @Option(help: "Where the ends of its runs are announced: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @OptionGroup var waiting: ScheduleAnswer

    func run() async throws {
        let optional = [
            ("cron", cron), ("every_ms", interval.map { String($0.wholeMilliseconds) }), ("at", at.map(String.init)),
            ("time_zone", timeZone), ("input", input), ("version", version), ("jitter_ms", jitter.map { String($0.wholeMilliseconds) }),
            ("catch_up", catchUp), ("overlap", overlap), ("reply_to", replyTo),
        ]
        var fields = [("type", "schedule"), ("name", name), ("workflow", workflow)]
        for case (let field, let value?) in optional { fields.append((field, value)) }
        let answer = try await waiting.publish(fields, about: name, on: redis)
        switch answer["type"] {
        case "cano.schedule.set": StandardOutput.write(answer.dataMember("next").flatMap { Int64($0) }.map(Timestamp.text) ?? "-")
        case "cano.schedule.superseded": StandardOutput.write("A later command about it was taken already.")
        default: throw BridgeError(.scheduleNotSet, "\(answer["type"]): \(answer["data"])")
        }
    }
}
