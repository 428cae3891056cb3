import CanoBus
import CanoCore
import CanoPrimitives

/// A signal in the inbox of a run.
struct InboxSignal: Sendable, Hashable {
    /// The command that brought it, such as `control/1795480517506-0`: what a step names that consumes it.
    let id: String
    let name: String
    /// JSON text, byte for byte as it was sent.
    let data: [UInt8]

    /// What the id of an answer to a task begins with: no limit of signals counts it, and it is dropped where no step consumes it.
    static let answerPrefix = InboundStream.results.rawValue

    /// An answer to a task as inboxes keep it: a signal that is called like the leg that waits for it.
    static func json(of answer: WorkAnswer, to leg: String, attempt: Int) -> String {
        let received = answer.signal(leg, attempt: attempt, id: "")
        var signal = JSONWriter()
        signal.member(Field.name.rawValue, received.name)
        signal.member(Field.data.rawValue, json: String(decoding: received.data, as: UTF8.self))
        return signal.object
    }

    /// A signal as inboxes keep it, with what a dead letter of it needs. Scripts read no JSON: its name is to come first, its data last, and
    /// what is between is text without quotes in it.
    static func json(of command: SignalCommand) -> String {
        var signal = JSONWriter()
        signal.member(Field.name.rawValue, command.name)
        for (field, value) in command.values where [.messageID, .keep, .replyTo, .traceparent].contains(field) {
            if let value { signal.member(field.rawValue, value) }
        }
        signal.member(Field.data.rawValue, json: command.data)
        return signal.object
    }
}
