public import CanoBus

/// What happened in a run, as far as the events tell that are still kept.
public struct RunTimeline: Sendable, Hashable {
    /// The events about the run in the order of their stream, those about its signals and late answers as well.
    public let events: [EventEntry]
    /// The numbers of the run's own events that were not found: they are no longer kept, or too far from its beginning and from its end.
    public let missing: [ClosedRange<Int>]

    /// Tells what is missing.
    ///
    /// - Parameters:
    ///   - events: The events about the run that were found.
    ///   - count: How many its record says that it has written.
    package init(_ events: [EventEntry], of count: Int) {
        self.events = events
        let found = Set(events.filter(\.isCounted).map(\.sequence)).filter { (1...max(1, count)).contains($0) }.sorted()
        var (missing, next) = ([ClosedRange<Int>](), 1)
        for sequence in found + [count + 1] {
            if sequence > next { missing.append(next...(sequence - 1)) }
            next = sequence + 1
        }
        self.missing = missing
    }

    /// Whether nothing is missing.
    public var isWhole: Bool { missing.isEmpty }
}

extension EventEntry {
    /// Whether it is one of those that its run counts.
    fileprivate var isCounted: Bool { sequence > 0 && type != .runDuplicate }
}
