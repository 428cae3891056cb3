import Metrics
import Synchronization

/// The series of one metric, made when they are first recorded.
final class MetricSeries: Sendable {
    private let definition: MetricDefinition
    private let factory: any MetricsFactory
    /// One for each combination of words; a single one where there are no labels; none where a label has no fixed words.
    private let known: [Entry]
    private let named = Mutex(Named())

    /// How many combinations of values are told apart that users name.
    static let most = 500

    private struct Values: Hashable {
        let first: String
        let second: String
    }

    /// A series with the values of its labels. Comparing a few values is cheaper than hashing one.
    private struct Entry {
        let values: Values
        let handle: Handle
    }

    /// The series that users name.
    private struct Named {
        /// The first ones: what most runs record.
        var first: [Entry] = []
        var all: [Values: Handle] = [:]

        static let mostCompared = 8
    }

    init(_ definition: MetricDefinition, factory: any MetricsFactory) {
        self.definition = definition
        self.factory = factory
        let words = definition.labels.map(\.words)
        known =
            words.contains(nil)
            ? []
            : Self.combinations(of: words.compactMap(\.self)).map { words in
                Entry(
                    values: Values(first: words.first ?? "", second: words.count > 1 ? words[1] : ""),
                    handle: Handle(definition.labels, words))
            }
    }

    func counter(_ first: String, _ second: String) -> Counter {
        let handle = handle(first, second)
        return handle.counter.load()
            ?? handle.counter.storeIfNil(Counter(label: definition.name, dimensions: handle.dimensions, factory: factory))
    }

    func recorder(_ first: String, _ second: String) -> Recorder {
        let handle = handle(first, second)
        return handle.recorder.load()
            ?? handle.recorder.storeIfNil(
                Recorder(label: definition.name, dimensions: handle.dimensions, aggregate: true, factory: factory))
    }

    func meter(_ first: String, _ second: String) -> Meter {
        let handle = handle(first, second)
        return handle.meter.load()
            ?? handle.meter.storeIfNil(Meter(label: definition.name, dimensions: handle.dimensions, factory: factory))
    }

    func makeKnown() {
        for entry in known {
            let (first, second) = (entry.values.first, entry.values.second)
            switch definition.kind {
            case .counter: _ = counter(first, second)
            case .gauge: _ = meter(first, second)
            case .histogram: _ = recorder(first, second)
            }
        }
    }

    // MARK: Finding a series

    private func handle(_ first: String, _ second: String) -> Handle {
        if let found = Self.find(first, second, in: known) { return found }
        return named.withLock { named in
            if let found = Self.find(first, second, in: named.first) { return found }
            if let handle = named.all[Values(first: first, second: second)] { return handle }
            let values = Values(first: value(first, of: 0, isFull: false), second: value(second, of: 1, isFull: false))
            if let handle = named.all[values] { return handle }
            let isFull = named.all.count >= Self.most
            let kept = isFull ? Values(first: value(first, of: 0, isFull: true), second: value(second, of: 1, isFull: true)) : values
            if let handle = named.all[kept] { return handle }
            let handle = Handle(definition.labels, [kept.first, kept.second])
            named.all[kept] = handle
            if named.first.count < Named.mostCompared { named.first.append(Entry(values: kept, handle: handle)) }
            return handle
        }
    }

    private static func find(_ first: String, _ second: String, in entries: [Entry]) -> Handle? {
        // By their places: an entry that is not meant is not copied.
        for index in entries.indices where entries[index].values.first == first && entries[index].values.second == second {
            return entries[index].handle
        }
        return nil
    }

    /// What a label says: what users name as long as there is room for it, and of words those that it has.
    private func value(_ value: String, of label: Int, isFull: Bool) -> String {
        guard label < definition.labels.count else { return "" }
        let isTold = definition.labels[label].words.map { $0.contains(value) } ?? !isFull
        return isTold ? value : MetricLabel.other
    }

    private static func combinations(of words: [[String]]) -> [[String]] {
        words.reduce([[]]) { combinations, words in combinations.flatMap { beginning in words.map { beginning + [$0] } } }
    }

    /// What a backend records one series by.
    private final class Handle: Sendable {
        let counter = AtomicLazyReference<Counter>()
        let recorder = AtomicLazyReference<Recorder>()
        let meter = AtomicLazyReference<Meter>()
        let dimensions: [(String, String)]

        init(_ labels: [MetricLabel], _ values: [String]) {
            dimensions = zip(labels, values).map { ($0.name, $1) }
        }
    }
}
