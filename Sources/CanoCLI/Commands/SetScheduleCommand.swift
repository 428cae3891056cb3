import ArgumentParser
import CanoBus
import CanoClient

/// `schedule`: sets a schedule, which starts runs of a workflow when it is due.
struct SetScheduleCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "schedule",
            abstract: "Sets a schedule, which starts runs of a workflow repeatedly or once. It replaces the schedule of that name.",
            discussion: """
                Prints when it is due next. Ends with 1 when the command was rejected, or no bridge took it in time; a bridge may \
                still take it later. Each firing is a run whose id is NAME@ and its due time in milliseconds since 1970.
                """)
    }

    @Argument(help: "The schedule's name.")
    var name: String

    @Argument(help: "The workflow's name.")
    var workflow: String

    @OptionGroup var redis: RedisOptions

    @Option(help: "When it is due: a cron expression of five to seven fields.")
    var cron: String?

    @Option(
        name: .customLong("every-seconds"), help: "The interval between due times; the first is now.", transform: Duration.seconds(typed:))
    var interval: Duration?

    @Option(help: "The only due time, in milliseconds since 1970.")
    var at: Int64?

    @Option(help: "The time zone of the cron expression, such as Europe/Berlin. (default: UTC)")
    var timeZone: String?

    @OptionGroup var input: InputOption

    @Option(help: "The version of the workflow that may run them.")
    var version: String?

    @Option(
        name: .customLong("jitter-seconds"), help: "By how much a run may start late: a random delay up to this.",
        transform: Duration.seconds(typed:))
    var jitter: Duration?

    @Option(
        help: "What to do about due times missed by a minute or more: \(ScheduleCatchUp.choices). (default: skip)",
        transform: ScheduleCatchUp.init(typed:))
    var catchUp = ScheduleCatchUp.skip

    @Option(
        help: "What to do when it is due while its last run has not ended: \(ScheduleOverlap.choices). (default: skip)",
        transform: ScheduleOverlap.init(typed:))
    var overlap = ScheduleOverlap.skip

    @Option(help: "Where the ends of its runs are announced: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @OptionGroup var attributes: AttributeOptions

    @OptionGroup var waiting: ScheduleWaitOptions

    func validate() throws {
        _ = try attributes.attributes()
        _ = try timing
    }

    /// The one rule for due times that was given.
    var timing: ScheduleTiming {
        get throws {
            guard timeZone == nil || cron != nil else {
                throw ValidationError("--time-zone says whose clock --cron means: give both, or neither.")
            }
            return switch (cron, interval, at) {
            case (let expression?, nil, nil): .cron(expression, timeZone: timeZone ?? "UTC")
            case (nil, let interval?, nil): .every(interval)
            case (nil, nil, let moment?): .at(moment)
            default: throw ValidationError("Say when it is due, with one of --cron, --every-seconds and --at.")
            }
        }
    }

    var options: ScheduleOptions {
        get throws {
            ScheduleOptions(
                jitter: jitter ?? .zero, catchUp: catchUp, overlap: overlap, replyName: replyTo, attributes: try attributes.attributes())
        }
    }

    func run() async throws {
        let outcome = try await redis.withBus { bus in
            try await bus.schedule(
                name, try timing, .json(workflow, version: version), JSONText(try input.json()), options: try options,
                within: waiting.timeout)
        }
        try StandardOutput.write(outcome.line)
    }
}
