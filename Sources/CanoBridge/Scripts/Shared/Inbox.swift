import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// The signals of a run that no step has consumed yet, in the order in which they were sent.
struct Inbox: Sendable, Hashable {
    let signals: [InboxSignal]

    init(_ signals: [InboxSignal] = []) {
        self.signals = signals
    }

    /// Reads what an inbox has in Redis. Messages that are only remembered are left out, and so is what is no signal.
    init(_ fields: [(field: RESPBytes, value: RESPBytes)]) {
        let found = fields.compactMap { field, value -> (place: Place, signal: InboxSignal)? in
            guard let id = String(validating: field, as: UTF8.self), let place = Place(id),
                let text = String(validating: value, as: UTF8.self), let signal = Self.signal(id, text)
            else { return nil }
            return (place, signal)
        }
        signals = found.sorted { $0.place < $1.place }.map(\.signal)
    }

    /// The signals as the engine takes them.
    var received: [ReceivedSignal] { signals.map { ReceivedSignal(id: $0.id, name: $0.name, data: $0.data) } }

    private static func signal(_ id: String, _ text: String) -> InboxSignal? {
        do {
            let members = try JSONObject(text)
            return InboxSignal(
                id: id, name: try members.value(Field.name.rawValue), data: Array(try members.json(Field.data.rawValue).utf8))
        } catch {
            return nil
        }
    }

    /// Where a signal stands among the others.
    private struct Place: Comparable {
        let entry: StreamEntryID
        let stream: String

        init?(_ id: String) {
            let parts = id.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard parts.count == 2, let entry = StreamEntryID(bytes: Array(parts[1])) else { return nil }
            self.entry = entry
            stream = String(Substring(parts[0]))
        }

        static func < (one: Place, other: Place) -> Bool {
            one.entry == other.entry ? one.stream < other.stream : one.entry < other.entry
        }
    }
}
