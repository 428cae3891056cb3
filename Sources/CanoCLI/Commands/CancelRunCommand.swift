import ArgumentParser
import CanoBus
import CanoClient

/// `cancel`: asks for a run to be cancelled, wherever it is.
struct CancelRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "cancel",
            abstract: "Cancels a run, or all that a filter means: its task is interrupted and its finished steps are undone.",
            discussion: """
                With --wait it ends with 1 when the run ended in another way, or there is no such run. The cancellation of an unknown \
                run is kept: should its start come later, it never runs. With a filter in place of an id it asks for all listed runs to be \
                cancelled that are not over, and ends once Redis has the commands: with 1 when it is not known of each whether it has. \
                It asks before, unless --yes is given.
                """)
    }

    @Argument(help: "The run's id.")
    var id: String?

    @OptionGroup var redis: RedisOptions

    @Option(help: "Why, in a few words.")
    var reason: String?

    @OptionGroup var waiting: RunWaitOptions

    @OptionGroup var filter: RunFilterOptions

    @OptionGroup var bulk: BulkOptions

    func validate() throws {
        try BulkOptions.requireOne(id, or: filter, bulk, waiting)
        guard try filter.filter().statuses.isSubset(of: RunFilter.cancellable) else {
            throw ValidationError("Only runs that are running, waiting or scheduled can be cancelled.")
        }
    }

    func run() async throws {
        guard let id else {
            guard let filter = try filter.filter().ofCancellable else { return }
            let change = BulkChange(verb: .cancel, filter: filter, options: bulk) { try await $0.cancel($1, reason: reason) }
            return try await redis.withBus { try await change.run(on: $0) }
        }
        try await redis.withBus(replyName: waiting.replyTo) { bus in
            guard waiting.wait else { return try await bus.cancel(id, reason: reason, replyName: waiting.replyTo) }
            try await bus.cancelAndWait(id, reason: reason, within: waiting.timeout)
            try StandardOutput.write(id)
        }
    }
}
