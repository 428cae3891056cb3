import ArgumentParser
import CanoBus
import CanoClient

/// `schedules`: prints the schedules of a bus, the next one first.
struct ListSchedulesCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "schedules",
            abstract: "Prints the schedules and when they are due, the next one first.",
            discussion: """
                One line each: the next due time, the name, the workflow, the rule for due times, how often the schedule has fired, \
                the last time it did, and how many due times were left out because the last run was not over, with what that run waits for.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @Flag(help: "Print each schedule as a line of JSON, with all its fields.")
    var json = false

    func run() async throws {
        let lines = try await redis.withBus { bus in
            var lines: [String] = []
            for schedule in try await bus.schedules() {
                lines.append(json ? schedule.json : schedule.line(try await Self.trouble(of: schedule, on: bus)))
            }
            return lines
        }
        for line in lines { try StandardOutput.write(line) }
    }

    /// What a schedule waits for that leaves due times out, if anything.
    private static func trouble(of schedule: ScheduleRecord, on bus: BusClient) async throws -> String? {
        guard schedule.overlap == .skip, let run = schedule.lastRun else { return nil }
        let found: RunRecord?
        do { found = try await bus.record(of: run) } catch let error as BusError { return error.message }
        guard let record = found, !record.status.isOver else { return nil }
        let isServed = try await !bus.bridges(serving: record.reference).isEmpty
        return "\(run) is \(record.status.rawValue)" + (isServed ? "" : ": \(record.unserved)")
    }
}
