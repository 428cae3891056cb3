import ArgumentParser

/// How a command is given to many runs.
struct BulkOptions: ParsableArguments {
    @Flag(help: "With a filter: print the runs that are meant, and do nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "With a filter: don't ask before it is done.")
    var yes = false

    @OptionGroup var output: OutputOptions

    /// Why nothing is done where a person would have to be asked.
    static var noTerminal: ValidationError {
        ValidationError("There is no terminal to ask on: give --yes, or look with --dry-run first.")
    }

    /// Has either one run named or many, and no option that belongs to the other.
    static func requireOne(_ id: String?, or filter: RunFilterOptions, _ bulk: BulkOptions, _ waiting: RunWaitOptions) throws {
        let isBulk = filter.isGiven || bulk.dryRun || bulk.yes || bulk.output.json || bulk.output.table
        guard let id else {
            guard filter.isGiven else {
                throw ValidationError("Name a run by its id, or say which are meant, with --status, --workflow, --where and so on.")
            }
            guard !waiting.wait, waiting.replyTo == nil else {
                throw ValidationError("--wait and --reply-to are for one run: name it by its id.")
            }
            return
        }
        guard !isBulk else { throw ValidationError("Give the id of a run, or a filter with its options, not both.") }
        try RunWaitOptions.requireRunID(id)
    }
}
