import CanoBus

extension EventEntry {
    /// The run's status after this event; nil for an event that does not tell.
    ///
    /// A duplicate tells the status that the run had before.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent` when it is a duplicate whose data can't be read.
    var runStatus: RunStatus? {
        get throws(BusError) {
            switch type {
            case .runCompleted: .completed
            case .runFailed: .failed
            case .runCancelled: .cancelled
            case .runDuplicate: (try data() as? RunDuplicate)?.status
            default: nil
            }
        }
    }
}
