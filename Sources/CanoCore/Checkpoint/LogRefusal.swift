/// The log takes no more rows of this run, because it is full or holds those of another process: the run ends with the error, and
/// nothing is undone. Neither is a verdict on what the run did.
struct LogRefusal: Error {
    let error: CanoError
    /// Whether another process executes the run, so that there is nothing to give back.
    var isElsewhere: Bool { ["conflict", "run_owned"].contains(error.code) }
    /// The error as the run ends here with it.
    var ending: CanoError {
        var ending = error
        ending.isElsewhere = isElsewhere
        return ending
    }
}
