package import CanoPrimitives

/// A signal to a run was taken.
public struct SignalTaken: SingleEventData {
    package static let type = EventType.signalTaken

    /// What the signal is called.
    public let name: String
    /// The message id it had.
    public let messageID: String?
    /// What became of it.
    public let outcome: SignalOutcome
    /// How many signals the run has now that no step has consumed.
    public let unread: Int

    package init(name: String, messageID: String?, outcome: SignalOutcome, unread: Int) {
        self.name = name
        self.messageID = messageID
        self.outcome = outcome
        self.unread = unread
    }

    package func write(_ data: inout JSONWriter) {
        Self.write(&data, name, messageID)
        data.member(.outcome, outcome.rawValue)
        data.member(.unread, Int64(unread))
    }

    /// The same with holes for the outcome and the number of unread signals, which only Redis knows.
    package static func template(name: String, messageID: String?) -> String {
        var data = JSONWriter()
        write(&data, name, messageID)
        data.hole(.outcome)
        data.hole(.unread)
        return data.object
    }

    private static func write(_ data: inout JSONWriter, _ name: String, _ messageID: String?) {
        data.member(.name, name)
        if let messageID { data.member(.messageID, messageID) }
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        name = try data.value(.name)
        messageID = try data.optional(.messageID)
        outcome = try data.word(.outcome)
        unread = try data.value(.unread)
    }

    package static let members = [
        Member(.name, .text, "What the signal is called."),
        Member(.messageID, .text, mayBeMissing: true, "The message id it had; left out where it had none."),
        Member(.outcome, Member.words(SignalOutcome.self), "What became of it."),
        Member(.unread, .wholeNumber, "How many signals the run has now that no step has consumed."),
    ]
}
