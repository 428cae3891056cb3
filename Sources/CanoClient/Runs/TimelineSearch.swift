import CanoBus
import CanoRedis

/// Where on the stream of all events those of one run are looked for: from its beginning on with half of what may be looked at, then back from
/// its end.
struct TimelineSearch: Sendable {
    /// What to read next.
    enum Range: Sendable, Hashable {
        case onward(from: StreamEntryID, count: Int)
        case back(from: StreamEntryID?, through: StreamEntryID, count: Int)
    }

    private let run: String
    private let count: Int
    private var onward: StreamEntryID?
    private var back: StreamEntryID?
    private var isBackDone = false
    /// Behind what was read onward.
    private var met: StreamEntryID
    private var (onwardBudget, backBudget): (Int, Int)
    private var (early, late): ([EventEntry], [EventEntry]) = ([], [])
    private var sequences: Set<Int> = []

    private static let page = 500

    /// Begins a search.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - count: How many events it has written.
    ///   - first: No event of it is before this entry.
    ///   - last: None is behind this one; nil when more may come.
    ///   - budget: How many entries to look at.
    init(run: String, count: Int, from first: StreamEntryID, through last: StreamEntryID?, budget: Int) {
        self.run = run
        self.count = count
        (onward, back, met) = (first, last, first)
        (onwardBudget, backBudget) = (budget - budget / 2, budget / 2)
    }

    /// What to read next; nil when all was found or enough was looked at.
    var next: Range? {
        guard sequences.count < count else { return nil }
        if let onward, onwardBudget > 0 { return .onward(from: onward, count: min(Self.page, onwardBudget)) }
        guard onward != nil, !isBackDone, backBudget > 0 else { return nil }
        return .back(from: back, through: met, count: min(Self.page, backBudget))
    }

    /// The events about the run, in the order of the stream.
    var events: [EventEntry] { early + late.reversed() }

    /// Takes what was read onward.
    mutating func found(_ entries: [StreamEntry], of asked: Int) {
        onwardBudget -= entries.count
        early += eventsOfRun(entries)
        // The end was reached: what lies behind was not there yet.
        onward = entries.count < asked ? nil : entries.last?.id.next
        if let onward { met = onward }
    }

    /// Takes what was read back.
    mutating func found(back entries: [StreamEntry], of asked: Int) {
        backBudget -= entries.count
        late += eventsOfRun(entries)
        isBackDone = entries.count < asked
        back = entries.last?.id.previous
        if back == nil { isBackDone = true }
    }

    /// The events about the run among entries; their numbers are remembered.
    private mutating func eventsOfRun(_ entries: [StreamEntry]) -> [EventEntry] {
        let events = entries.map { EventEntry($0.fields) }.filter { $0.subject == run }
        for event in events where event.sequence > 0 && event.type != .runDuplicate { sequences.insert(event.sequence) }
        return events
    }
}
