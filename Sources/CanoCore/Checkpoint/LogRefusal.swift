/// The run cannot go on with its log, because it is full, holds rows of another process or a cursor its task cannot read: the run ends with
/// the error, and nothing is undone. None of that is a verdict on what the run did.
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
