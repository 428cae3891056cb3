/// The host keeps the run, which waits: nothing more is done here. Thrown through the driver.
struct PutDown: Error {
    /// When the host resumes it at the latest, in milliseconds since 1970; `nil` when only a signal wakes it.
    let until: Int64?
}

extension PutDown: TracedError {
    var tracedEnd: TracedEnd { .left("waiting") }
}
