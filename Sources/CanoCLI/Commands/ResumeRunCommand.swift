import ArgumentParser
import CanoBus
import CanoClient

/// `resume`: continues a failed run.
struct ResumeRunCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "resume",
            abstract: "Continues a failed run, or all that a filter means: from its last step, or with what is left to undo.",
            discussion: """
                Prints the run's id or, with --wait, its output as JSON. Ends with 1 when the run failed again. With a filter in place of an \
                id it asks for all listed runs to go on that can be resumed, and ends once Redis has the commands: with 1 when it is not known \
                of each whether it has. It asks before, unless --yes is given.
                """)
    }

    @Argument(help: "The run's id.")
    var id: String?

    @OptionGroup var redis: RedisOptions

    @OptionGroup var waiting: RunWaitOptions

    @OptionGroup var filter: RunFilterOptions

    @OptionGroup var bulk: BulkOptions

    func validate() throws {
        try BulkOptions.requireOne(id, or: filter, bulk, waiting)
        guard try filter.filter().statuses.isSubset(of: RunFilter.resumable) else {
            throw ValidationError("Only runs that failed can be resumed, and cancelled ones that could not be undone whole.")
        }
    }

    func run() async throws {
        guard let id else {
            guard let filter = try filter.filter().ofResumable else { return }
            let change = BulkChange(verb: .resume, filter: filter, options: bulk) { try await $0.resume($1) }
            return try await redis.withBus { try await change.run(on: $0) }
        }
        let line = try await redis.withBus(replyName: waiting.replyTo) { bus in
            // It may end otherwise before the command is read, and is then rejected; what is known now is said at once.
            guard let record = try await bus.record(of: id) else { throw ClientError.unknownRun(id) }
            guard record.isResumable else { throw ClientError.notResumable(id, record) }
            if waiting.wait { return try await bus.resumeAndWait(id, within: waiting.timeout) }
            try await bus.resume(id, replyName: waiting.replyTo)
            return id
        }
        try StandardOutput.write(line)
    }
}
