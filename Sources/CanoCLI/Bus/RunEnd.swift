import CanoBus

/// How the wait for a run ended.
struct RunEnd: Sendable {
    /// The event that ended it: the run's end, an earlier end of a run that is known already, or the command's rejection.
    let event: EventEntry
    /// The run's status after that event; nil when the command was rejected.
    let status: RunStatus?
    /// The run's output as JSON text; nil when it did not complete.
    let output: String?

    /// The output of a run that completed.
    ///
    /// - Throws: ``CommandLineError`` with the code `runNotCompleted` when the run ended another way, or the command was rejected.
    func requireOutput() throws(CommandLineError) -> String {
        guard status == .completed else {
            let how = event.type == .runDuplicate ? "The run ended before" : event[.type]
            throw CommandLineError(.runNotCompleted, "\(how): \(event[.data])")
        }
        guard let output else {
            throw CommandLineError(.runNotCompleted, "The run completed, but its record and its output have been removed since.")
        }
        return output
    }

    /// Checks that the run was cancelled.
    ///
    /// - Throws: ``CommandLineError`` with the code `runNotCompleted` when it was not.
    func requireCancellation() throws(CommandLineError) {
        guard status == .cancelled else {
            throw CommandLineError(.runNotCompleted, "The run was not cancelled: \(event[.type]): \(event[.data])")
        }
    }
}
