import CanoBus

/// How a command was answered in the end.
protocol CommandAnswer: Sendable {
    /// Reads an event; nil of one after which more is to come, and of one that answers another command.
    ///
    /// - Parameters:
    ///   - event: The event, about the command's run.
    ///   - command: The command.
    /// - Throws: ``BusError`` with the code `unreadableEvent` when its data can't be read.
    init?(_ event: EventEntry, to command: CommandEntryID) throws(BusError)
}
