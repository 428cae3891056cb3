import CanoPrimitives

/// Reads a list of all shards, part by part.
struct MergedReader<Element: Sendable>: Sendable {
    private let clients: [ShardClient]
    private let read: @Sendable (ShardClient, _ last: Element?, _ count: Int) async throws -> ShardPart<Element>
    private var merge: ShardMerge<Element>

    /// - Parameters:
    ///   - clients: The shards.
    ///   - precedes: The order of the list, and of what is read of each shard.
    ///   - read: Reads about so many of a shard, behind the last that was read of it.
    init(
        _ clients: [ShardClient], inOrder precedes: @escaping @Sendable (Element, Element) -> Bool,
        reading read: @escaping @Sendable (ShardClient, _ last: Element?, _ count: Int) async throws -> ShardPart<Element>
    ) {
        self.clients = clients
        self.read = read
        merge = ShardMerge(shards: clients.count, inOrder: precedes)
    }

    /// Whether all was read.
    var isAtEnd: Bool { merge.isAtEnd }

    /// Reads on.
    ///
    /// - Parameter count: How many at most.
    /// - Returns: The elements, each with the shard that has it; none at the end.
    /// - Throws: `RedisError`; what reading throws.
    mutating func next(_ count: Int) async throws -> [(shard: Int, element: Element)] {
        var elements: [(shard: Int, element: Element)] = []
        while elements.count < count {
            if let next = merge.next() {
                elements.append(next)
            } else {
                let lacking = merge.lacking
                guard !lacking.isEmpty else { break }
                for (shard, part) in try await parts(of: lacking, count - elements.count) { merge.add(part, of: shard) }
            }
        }
        return elements
    }

    private func parts(of lacking: [(shard: Int, last: Element?)], _ count: Int) async throws -> [(Int, ShardPart<Element>)] {
        let share = ShardMerge<Element>.share(of: count, among: clients.count)
        let (clients, read) = (clients, read)
        guard lacking.count > 1 else {
            let (shard, last) = lacking[0]
            return [(shard, try await clients[shard].ask { try await read($0, last, share) })]
        }
        return try await lacking.mapConcurrently { shard, last in
            (shard, try await clients[shard].ask { try await read($0, last, share) })
        }
    }
}
