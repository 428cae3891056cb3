/// The signals of a run that no wait has taken, in the order they came. Pure.
struct SignalQueue: Sendable {
    private(set) var unread: [ReceivedSignal] = []
    /// Those that the next row says were taken.
    private(set) var consumed: [String] = []
    private var known: Set<String> = []

    /// Adds signals; one that came before is left out.
    mutating func deliver(_ signals: [ReceivedSignal]) {
        for signal in signals where known.insert(signal.id).inserted { unread.append(signal) }
    }

    /// Whether what came is enough for the wait.
    func isMet(_ wait: OpenWait) -> Bool { !unread.isEmpty && wait.isMet(by: Set(unread.map(\.name))) }

    /// Takes what a wait needs, in the order it came: of each name the first one.
    ///
    /// - Returns: `nil` when that is not there yet.
    mutating func take(for wait: OpenWait) -> [ReceivedSignal]? {
        guard isMet(wait) else { return nil }
        var wanted = Set(wait.signals)
        var signals: [ReceivedSignal] = []
        for signal in unread where signals.count < wait.need && wanted.remove(signal.name) != nil { signals.append(signal) }
        let ids = Set(signals.map(\.id))
        unread.removeAll { ids.contains($0.id) }
        return signals
    }

    /// Signals that were taken have led to nothing: another wait may take them.
    mutating func putBack(_ signals: [ReceivedSignal]) { unread.insert(contentsOf: signals, at: 0) }

    /// The next row is what these have led to.
    mutating func consume(_ ids: [String]) { for id in ids where !consumed.contains(id) { consumed.append(id) } }

    /// A row is durable that says these were taken.
    mutating func settle(_ ids: [String]) { consumed.removeAll { ids.contains($0) } }
}
