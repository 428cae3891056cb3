import ArgumentParser
import CanoClient

/// Which dead letters a command is about.
struct DeadLetterFilterOptions: ParsableArguments {
    @Option(help: "Only letters with this code, such as unknown_workflow or poison.")
    var code: String?

    @Option(help: "Only letters of commands for this workflow.")
    var workflow: String?

    @OptionGroup var conditions: ConditionOptions

    /// Whether any of them was given.
    var isGiven: Bool { code != nil || workflow != nil || conditions.isGiven }

    /// What they say.
    ///
    /// - Throws: `ValidationError`.
    func filter() throws -> DeadLetterFilter {
        DeadLetterFilter(code: code, workflow: workflow, attributes: try conditions.attributes(), period: try conditions.period())
    }
}
