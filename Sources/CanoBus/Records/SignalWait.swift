import CanoPrimitives

/// Signals that a run waits for: so many of them by name, each name once.
public struct SignalWait: Sendable, Hashable {
    /// How many of the names must have come: 1 for the first of them, as many as there are for all.
    public let need: Int
    /// The names.
    public let signals: [String]

    package init(need: Int, signals: [String]) {
        self.need = need
        self.signals = signals
    }

    /// Several waits as a record has them: a list of lists `[need, name, …]`. A wait for time alone is not among them.
    package static func json(_ waits: [SignalWait]) -> String {
        JSONWriter.array(
            waits.filter { !$0.signals.isEmpty }.map { wait in
                JSONWriter.array([String(wait.need)] + wait.signals.map { JSONWriter.string($0) })
            })
    }

    /// Reads what ``json(_:)`` writes.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun`.
    package static func list(_ json: String) throws(BusError) -> [SignalWait] {
        do {
            return try JSONSyntax.elements(of: json).map { element in
                let parts = try JSONSyntax.elements(of: element)
                let signals = try parts.dropFirst().map { try JSONValue.decode(String.self, from: $0.utf8) }
                guard let need = parts.first.flatMap({ Int($0) }), need > 0, need <= signals.count else {
                    throw JSONObject.Misfit(member: Field.waits.rawValue, expectation: "how many signals are needed, and their names")
                }
                return SignalWait(need: need, signals: signals)
            }
        } catch {
            throw BusError(.unreadableRun, "What a run's record says it waits for is damaged: \(error)")
        }
    }
}
