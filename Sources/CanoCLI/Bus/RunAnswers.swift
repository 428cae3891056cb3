import CanoBus

/// Which of the events on a reply stream end the wait for one run.
struct RunAnswers: Sendable {
    let run: String
    /// The id of the rejection that answers the command.
    private let rejection: String

    /// - Parameters:
    ///   - run: The run's id.
    ///   - entry: The entry id of the command about it.
    init(about run: String, to entry: String) {
        self.run = run
        rejection = EventEntry.id(ofRejected: entry)
    }

    /// Whether the event is the run's end or the command's rejection. Other answers on a shared reply name are neither.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent` when the event's data can't be read.
    func end(with event: EventEntry) throws(BusError) -> Bool {
        if event[.id] == rejection { return true }
        guard event[.subject] == run, let status = try event.runStatus else { return false }
        return status.isOver
    }
}
