import CanoBus

/// How a signal was answered. How its run ends is no answer to it.
enum SignalAnswer: CommandAnswer, Hashable {
    case taken(SignalTaken)
    case rejected(RejectionCode, String)

    init?(_ event: EventEntry, to command: CommandEntryID) throws(BusError) {
        switch event.id {
        case EventEntry.id(ofSignalTo: event.subject, command):
            guard let taken = try event.data() as? SignalTaken else { return nil }
            self = .taken(taken)
        case EventEntry.id(ofRejected: command):
            guard let rejected = try event.data() as? CommandRejected else { return nil }
            self = .rejected(rejected.code, rejected.message)
        default: return nil
        }
    }
}
