import ArgumentParser
import CanoBridge
import CanoRedis

/// Publishes a command about a schedule and waits for the event that answers it.
struct ScheduleAnswer: ParsableArguments {
    @Option(
        name: .customLong("timeout-seconds"), help: "How long to wait for a bridge to take the command. (default: 40)",
        transform: Duration.seconds(typed:))
    var timeout = Duration.seconds(40)

    /// - Parameters:
    ///   - fields: The command's fields.
    ///   - name: The schedule.
    ///   - redis: Which bus.
    /// - Returns: The event that answers it, `cano.command.rejected` included.
    /// - Throws: ``BridgeError`` with the code `scheduleNotSet` when the time is over; ``RedisError``.
    func publish(_ fields: [(String, String)], about name: String, on redis: RedisOptions) async throws -> BusEventReader {
        var answer: BusEventReader?
        try await redis.withClient { client, bus in
            guard let entry = try await client.execute(XADD(bus.control, texts: fields)) else { return }
            // Not asked for on a reply stream: a schedule's reply name is where the ends of its runs go.
            let ids: Set = ["schedule/\(name)/\(entry)", "command/\(entry)"]
            answer = try await AnswerReader(redis: redis).first(on: bus.events, after: entry, within: timeout) { event in
                ids.contains(event["id"])
            }
        }
        guard let answer else {
            throw BridgeError(.scheduleNotSet, "No bridge took the command in time. It stays where it is, and may be taken later.")
        }
        return answer
    }
}
