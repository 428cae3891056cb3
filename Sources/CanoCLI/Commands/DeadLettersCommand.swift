import ArgumentParser

/// `dead-letters`: what is done about commands that could not be carried out.
struct DeadLettersCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dead-letters",
            abstract: "Prints commands that could not be carried out, publishes them again, or removes them.",
            subcommands: [
                ListDeadLettersCommand.self, ShowDeadLetterCommand.self, RequeueDeadLettersCommand.self, DeleteDeadLettersCommand.self,
            ],
            defaultSubcommand: ListDeadLettersCommand.self)
    }
}
