/// Makes one list of the lists of several shards, which are read part by part. Pure.
///
/// An element is taken once every shard has shown what it has next, or that it has nothing more: so the order is that of the whole however few of
/// each were read.
struct ShardMerge<Element: Sendable>: Sendable {
    private struct Source: Sendable {
        var elements: ArraySlice<Element> = []
        /// The last that was read; nil before any was.
        var last: Element?
        var hasEnded = false
    }

    private var sources: [Source]
    private let precedes: @Sendable (Element, Element) -> Bool

    /// - Parameters:
    ///   - shards: How many there are.
    ///   - precedes: Whether the first of two elements comes before the second. Of two that come at the same place, that of the lower shard is taken
    ///     first.
    init(shards: Int, inOrder precedes: @escaping @Sendable (Element, Element) -> Bool) {
        sources = Array(repeating: Source(), count: shards)
        self.precedes = precedes
    }

    /// The shards of which more has to be read before any is taken, each with the last element that was read of it.
    var lacking: [(shard: Int, last: Element?)] {
        sources.indices.filter { sources[$0].elements.isEmpty && !sources[$0].hasEnded }.map { ($0, sources[$0].last) }
    }

    /// Whether all was read and taken.
    var isAtEnd: Bool { sources.allSatisfy { $0.elements.isEmpty && $0.hasEnded } }

    /// How many elements of each shard to read where so many are to be taken: enough for all shards together if they have them evenly, and one shard
    /// is read as if there were no others.
    static func share(of count: Int, among shards: Int) -> Int { min(count, max(20, 2 * count / max(1, shards))) }

    /// Adds what was read of a shard next.
    mutating func add(_ part: ShardPart<Element>, of shard: Int) {
        sources[shard].elements += part.elements
        sources[shard].last = part.elements.last ?? sources[shard].last
        sources[shard].hasEnded = part.isLast
    }

    /// Takes the next element; nil at the end, and while a shard lacks.
    mutating func next() -> (shard: Int, element: Element)? {
        guard lacking.isEmpty else { return nil }
        var first: (shard: Int, element: Element)?
        for shard in sources.indices {
            guard let head = sources[shard].elements.first else { continue }
            if let found = first, !precedes(head, found.element) { continue }
            first = (shard, head)
        }
        if let first { sources[first.shard].elements.removeFirst() }
        return first
    }
}
