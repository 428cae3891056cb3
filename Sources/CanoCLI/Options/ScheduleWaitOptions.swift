import ArgumentParser
import CanoBus
import CanoRedis

/// Publishes a command about a schedule and waits for the event that answers it.
struct ScheduleWaitOptions: ParsableArguments {
    @Option(
        name: .customLong("timeout-seconds"), help: "How long to wait for a bridge to take the command. (default: 40)",
        transform: Duration.seconds(typed:))
    var timeout = Duration.seconds(40)

    /// - Parameters:
    ///   - command: The command.
    ///   - name: The schedule.
    ///   - redis: Which bus.
    /// - Returns: The event that answers it, a rejection included.
    /// - Throws: ``CommandLineError`` with the code `scheduleNotSet` when the time is over; ``RedisError``.
    func publish(_ command: some BusCommand, about name: String, on redis: RedisOptions) async throws -> EventEntry {
        try await redis.withBus { bus in
            var answer: EventEntry?
            if let entry = try await bus.publish(command) {
                // On the stream of all events: a schedule's reply name is where the ends of its runs go.
                let ids: Set = [EventEntry.id(ofSchedule: name, "\(entry)"), EventEntry.id(ofRejected: "\(entry)")]
                answer = try await bus.events(on: bus.keys.events).first(from: entry, within: timeout) { ids.contains($0[.id]) }
            }
            guard let answer else {
                throw CommandLineError(
                    .scheduleNotSet, "No bridge took the command in time. It stays on the stream, and a bridge may still take it.")
            }
            return answer
        }
    }
}
