/// The labels of the states a run entered; of a long run the most recent ones, so that endless loops need no memory.
@usableFromInline struct TransitionPath: Sendable {
    /// How many labels an error shows at most.
    @inlinable static var limit: Int { 100 }

    @usableFromInline var labels: [String] = []

    /// The state entered last.
    @inlinable var last: String? { labels.last }

    /// The labels, oldest first.
    var recent: [String] { labels.count > Self.limit ? Array(labels.suffix(Self.limit)) : labels }

    /// Takes back the states entered last.
    mutating func removeLast(_ count: Int) { labels.removeLast(min(max(count, 0), labels.count)) }

    /// The state entered before the last.
    var previous: String? { labels.dropLast().last }

    @inlinable mutating func append(_ label: String) {
        // Dropping many at once keeps the cost of a step constant.
        if labels.count == 2 * Self.limit { labels.removeFirst(Self.limit) }
        if labels.isEmpty { labels.reserveCapacity(8) }
        labels.append(label)
    }
}
