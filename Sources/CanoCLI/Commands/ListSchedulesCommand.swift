import ArgumentParser
import CanoBus
import CanoClient

/// `schedules list`: prints the schedules of a bus, the next one first.
struct ListSchedulesCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list",
            abstract: "Prints the schedules and when they are due, the next one first.",
            discussion: """
                Of each: the next due time, the name, the workflow, the rule for due times, how often the schedule has fired, when it last \
                did, at a due time or because it was told to, how many due times were left out because the last run was not over, with what that run waits for, and since when it \
                is paused.
                """)
    }

    @OptionGroup var redis: RedisOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let schedules = try await redis.withBus { bus in
            var schedules: [ListedSchedule] = []
            for schedule in try await bus.schedules() {
                // Programs read the records themselves.
                let trouble = output.isJSON ? nil : try await Self.trouble(of: schedule, on: bus)
                schedules.append(ListedSchedule(schedule: schedule, trouble: trouble))
            }
            return schedules
        }
        try ListPrinter.print(schedules, isJSON: output.isJSON)
    }

    /// What a schedule waits for that leaves due times out, if anything.
    private static func trouble(of schedule: ScheduleRecord, on bus: BusClient) async throws -> String? {
        guard schedule.overlap == .skip, let run = schedule.lastRun else { return nil }
        let found: RunRecord?
        do { found = try await bus.record(of: run) } catch let error as BusError { return error.message }
        guard let record = found, !record.status.isOver else { return nil }
        let isServed = try await !bus.bridges(serving: record.reference, ofRun: run).isEmpty
        return "\(run) is \(record.status.rawValue)" + (isServed ? "" : ": \(record.unserved)")
    }
}
