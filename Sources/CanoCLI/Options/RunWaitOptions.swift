import ArgumentParser
import CanoBus
import CanoPrimitives
import CanoRedis
import Foundation

/// Publishes a command about one run and, when asked, waits for the run's end on a reply stream.
struct RunWaitOptions: ParsableArguments {
    @Option(help: "Where answers go: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait for the run's end.")
    var wait = false

    @Option(name: .customLong("timeout-seconds"), help: "How long to wait.", transform: Duration.seconds(typed:))
    var timeout: Duration?

    // A bridge would reject these names too, but it could not answer: the answer would go to the very name.

    func validate() throws {
        guard let replyTo, !Name.isValid(replyTo) else { return }
        throw ValidationError("The name \"\(replyTo)\" can't be used: choose \(Name.rule).")
    }

    static func requireRunID(_ id: String) throws {
        guard !RunName.isValid(id) else { return }
        throw ValidationError("The id \"\(id)\" can't be used: choose \(RunName.rule).")
    }

    /// The reply name to publish; nil when no answer is wanted. A name made here is new, so its stream has no other answers.
    func replyName() -> String? {
        replyTo ?? (wait ? "cli-" + UUID().uuidString.lowercased() : nil)
    }

    /// Publishes a command, with a reply name if there is to be an answer.
    ///
    /// - Parameters:
    ///   - command: Makes the command, given the reply name.
    ///   - run: The run it is about.
    ///   - redis: Which bus.
    /// - Returns: How the run ended, or that the command was rejected; nil without `--wait`.
    /// - Throws: ``CommandLineError`` with the code `runNotCompleted` when the time is over; ``BusError`` when an answer can't be
    ///   read; ``RedisError``.
    func publish(_ command: (_ replyName: String?) -> some BusCommand, about run: String, on redis: RedisOptions) async throws -> RunEnd? {
        let name = replyName()
        let command = command(name)
        return try await redis.withBus { bus in
            guard let entry = try await bus.publish(command), wait, let name else { return nil }
            let answers = RunAnswers(about: run, to: "\(entry)")
            let event = try await bus.events(on: bus.keys.replies(to: name)).first(from: entry, within: timeout, where: answers.end(with:))
            guard let event else {
                throw CommandLineError(.runNotCompleted, "No answer came in time. The run goes on; `status` shows how far it is.")
            }
            let status = try event.runStatus
            // Events leave large outputs out. The record has every output, and has it before the event is published.
            let output = status == .completed ? try await bus.redis.execute(HGET(bus.keys.record(of: run), Field.output.rawValue)) : nil
            return RunEnd(event: event, status: status, output: output.map { String(decoding: $0, as: UTF8.self) })
        }
    }
}
