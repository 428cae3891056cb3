import ArgumentParser

/// How what is listed is printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print a line of JSON for each, which is done wherever the output is no terminal.")
    var json = false

    @Flag(help: "Print a table, also where the output is no terminal.")
    var table = false

    func validate() throws {
        guard !json || !table else { throw ValidationError("Give --json or --table, not both.") }
    }

    /// Whether to print JSON.
    var isJSON: Bool { json || !table && !Terminal.isOutput }
}
