import CanoBridge

/// What ended the wait for a run.
struct RunEnd {
    /// The event that ended it, that says how it ended before, or that the command was rejected.
    let event: BusEventReader
    /// The run's output as JSON text; nil when it did not complete.
    let output: String?

    /// The output of a run that completed.
    ///
    /// - Throws: ``BridgeError`` with the code `runNotCompleted` when it ended another way, or the command was rejected.
    func requireOutput() throws(BridgeError) -> String {
        guard event.runStatus == "completed" else {
            let how = event["type"] == "cano.run.duplicate" ? "The run ended before" : event["type"]
            throw BridgeError(.runNotCompleted, "\(how): \(event["data"])")
        }
        guard let output else {
            throw BridgeError(.runNotCompleted, "The run completed, but its record is gone already and its output with it.")
        }
        return output
    }
}

extension BusEventReader {
    /// The run's status after this event, where it tells.
    var runStatus: String? {
        switch self["type"] {
        case "cano.run.completed": "completed"
        case "cano.run.failed": "failed"
        case "cano.run.cancelled": "cancelled"
        case "cano.run.duplicate": dataMember("status")
        default: nil
        }
    }

    /// Whether nothing more is to come about the run.
    var hasRunEnded: Bool { ["completed", "failed", "cancelled"].contains(runStatus) }
}
