import ArgumentParser
import CanoBridge
import CanoRedis

/// Publishes a command about a schedule and waits for the event that answers it.
struct ScheduleWaitOptions: ParsableArguments {
    @Option(
        name: .customLong("timeout-seconds"), help: "How long to wait for a bridge to take the command. (default: 40)",
        transform: Duration.seconds(typed:))
    var timeout = Duration.seconds(40)

    /// - Parameters:
    ///   - fields: The command's fields.
    ///   - name: The schedule.
    ///   - redis: Which bus.
    /// - Returns: The event that answers it, `cano.command.rejected` included.
    /// - Throws: ``CommandLineError`` with the code `scheduleNotSet` when the time is over; ``RedisError``.
    func publish(_ fields: [(String, String)], about name: String, on redis: RedisOptions) async throws -> ReceivedEvent {
        try await redis.withBus { bus in
            var answer: ReceivedEvent?
            if let entry = try await bus.redis.execute(XADD(bus.keys.control, texts: fields)) {
                // On the stream of all events: a schedule's reply name is where the ends of its runs go.
                let ids: Set = ["schedule/\(name)/\(entry)", "command/\(entry)"]
                answer = try await bus.events(on: bus.keys.events).first(from: entry, within: timeout) { ids.contains($0["id"]) }
            }
            guard let answer else {
                throw CommandLineError(
                    .scheduleNotSet, "No bridge took the command in time. It stays on the stream, and a bridge may still take it.")
            }
            return answer
        }
    }
}
