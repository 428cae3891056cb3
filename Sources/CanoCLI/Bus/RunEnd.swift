/// How the wait for a run ended.
struct RunEnd: Sendable {
    /// The event that ended it: the run's end, an earlier end of a run that is known already, or the command's rejection.
    let event: ReceivedEvent
    /// The run's output as JSON text; nil when it did not complete.
    let output: String?

    /// The output of a run that completed.
    ///
    /// - Throws: ``CommandLineError`` with the code `runNotCompleted` when the run ended another way, or the command was rejected.
    func requireOutput() throws(CommandLineError) -> String {
        guard event.runStatus == "completed" else {
            let how = event["type"] == "cano.run.duplicate" ? "The run ended before" : event["type"]
            throw CommandLineError(.runNotCompleted, "\(how): \(event["data"])")
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
        guard event.runStatus == "cancelled" else {
            throw CommandLineError(.runNotCompleted, "The run was not cancelled: \(event["type"]): \(event["data"])")
        }
    }
}

extension ReceivedEvent {
    /// The run's status after this event; nil for an event that does not tell.
    var runStatus: String? {
        switch self["type"] {
        case "cano.run.completed": "completed"
        case "cano.run.failed": "failed"
        case "cano.run.cancelled": "cancelled"
        case "cano.run.duplicate": dataMember("status")
        default: nil
        }
    }

    /// Whether this event is the last about its run, unless the run is resumed.
    var hasRunEnded: Bool { ["completed", "failed", "cancelled"].contains(runStatus) }
}
