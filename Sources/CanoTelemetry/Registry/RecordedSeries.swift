import Metrics
import Synchronization

/// A series as it is recorded.
protocol RecordedSeries: AnyObject, Sendable {
    /// What it holds now.
    var value: MetricsSnapshot.Value { get }
}

/// What only grows.
final class RecordedCounter: RecordedSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: MetricsSnapshot.Value { .count(count.load(ordering: .relaxed)) }

    func increment(by amount: Int64) {
        if amount > 0 { count.wrappingAdd(amount, ordering: .relaxed) }
    }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// What goes up and down.
final class RecordedGauge: RecordedSeries, MeterHandler, RecorderHandler {
    /// The number's bits.
    private let bits = Atomic<UInt64>(0)

    var value: MetricsSnapshot.Value { .number(Double(bitPattern: bits.load(ordering: .relaxed))) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func decrement(by amount: Double) { increment(by: -amount) }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}

/// What is spread over buckets.
final class RecordedHistogram: RecordedSeries, RecorderHandler, TimerHandler {
    private let distribution: Mutex<MetricsSnapshot.Distribution>

    init(bounds: [Double]) {
        distribution = Mutex(MetricsSnapshot.Distribution(bounds: bounds))
    }

    var value: MetricsSnapshot.Value { .distribution(distribution.withLock { $0 }) }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { distribution.withLock { $0.add(value) } }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
