public import CanoBus
public import CanoRedis

/// Commands that could not be carried out.
extension BusClient {
    /// Dead letters, oldest first, with what names them.
    ///
    /// - Parameters:
    ///   - id: The letter after which to begin; nil begins with the oldest.
    ///   - count: How many at most.
    /// - Returns: The letters.
    /// - Throws: `RedisError`.
    public func deadLetters(after id: DeadLetterID? = nil, count: Int = 100) async throws -> [(id: DeadLetterID, letter: DeadLetter)] {
        var reader = oldestLetters(after: id)
        return try await reader.next(count).map { ($0.element.id, $0.element.letter) }
    }

    /// Dead letters, newest first, with what names them.
    ///
    /// - Parameters:
    ///   - id: The newest to answer; the newest there is without it.
    ///   - count: How many at most.
    /// - Returns: The letters.
    /// - Throws: `RedisError`.
    public func newestDeadLetters(
        through id: DeadLetterID? = nil, count: Int = 100
    ) async throws -> [(id: DeadLetterID, letter: DeadLetter)] {
        var reader = newestLetters(through: id)
        return try await reader.next(count).map { ($0.element.id, $0.element.letter) }
    }

    private func oldestLetters(after id: DeadLetterID? = nil, through last: DeadLetterID? = nil) -> MergedReader<ListedDeadLetter> {
        MergedReader(clients) {
            $0.id < $1.id
        } reading: { shard, read, count in
            let first = (read?.id ?? id).map { $0.next(on: shard.number) } ?? .zero
            let end = last.map { $0.through(on: shard.number) } ?? .max
            guard let first, let end, first <= end else { return ShardPart(elements: [], isLast: true) }
            let read = XRANGE(shard.keys.deadLetters, from: first, through: end, count: count)
            return shard.part(try await shard.redis.execute(read), of: count)
        }
    }

    private func newestLetters(through id: DeadLetterID?) -> MergedReader<ListedDeadLetter> {
        MergedReader(clients) {
            $0.id > $1.id
        } reading: { shard, read, count in
            let newest = read.map { $0.id.entry.previous } ?? id.map { $0.through(on: shard.number) } ?? .max
            guard let newest else { return ShardPart(elements: [], isLast: true) }
            return shard.part(try await shard.redis.execute(XREVRANGE(shard.keys.deadLetters, from: newest, count: count)), of: count)
        }
    }

    /// One dead letter.
    ///
    /// - Parameter id: What names it.
    /// - Returns: The letter.
    /// - Throws: ``ClientError`` with the code `unknownDeadLetter`; `RedisError`.
    public func deadLetter(_ id: DeadLetterID) async throws -> DeadLetter {
        guard let listed = try await deadLetters(named: [id]).first else { throw missing(id) }
        return listed.letter
    }

    /// Why there is no such letter.
    package func missing(_ id: DeadLetterID) -> ClientError {
        clients.count > 1 && id.shard == nil ? .noShardOfDeadLetter(id) : .noDeadLetter(id)
    }

    /// Publishes the command of a dead letter again, on its shard, and removes the letter. Correct the cause first.
    ///
    /// A crash in between leaves the letter: then the command is published twice when this is repeated. With an id, a start counts once.
    ///
    /// - Parameter id: What names the letter.
    /// - Returns: The command's new entry.
    /// - Throws: ``ClientError`` with the code `unknownDeadLetter` when the letter is gone, and `notRequeueable` when it is of a run that was
    ///   quarantined, which ``resume(_:replyName:)`` lets go on; `RedisError`.
    @discardableResult
    public func requeueDeadLetter(_ id: DeadLetterID) async throws -> StreamEntryID {
        let letter = ListedDeadLetter(id: id, letter: try await deadLetter(id))
        let (published, refused) = try await requeue([letter])
        if let refusal = refused[id] { throw refusal }
        guard let again = published[id] else { throw RedisError(.unexpectedReply, "XADD answered no entry id") }
        return again
    }

    /// Publishes the commands of dead letters again, in their order, and removes the letters: two writes for all of them on a shard.
    ///
    /// A crash in between leaves all of these letters: give some hundreds at the most.
    ///
    /// - Parameter letters: The letters, as they were read.
    /// - Returns: The new entries of the commands that were published, and why the others were not.
    /// - Throws: `RedisError` when Redis did not take one of them; those that it has taken are no letters any more.
    package func requeue(
        _ letters: [ListedDeadLetter]
    ) async throws -> (published: [DeadLetterID: StreamEntryID], refused: [DeadLetterID: ClientError]) {
        var refused: [DeadLetterID: ClientError] = [:]
        for listed in letters where listed.letter.isQuarantine {
            refused[listed.id] = ClientError(
                .notRequeueable, "The dead letter \(listed.id) is of a run that was quarantined: once its cause is gone, resume the run.")
        }
        let meant = Dictionary(grouping: letters.filter { refused[$0.id] == nil }) { $0.id.shard ?? 0 }
        let published = try await onShards(meant.keys.sorted()) { try await $0.requeue(meant[$0.number] ?? []) }
        return (published.reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }, refused)
    }

    /// Those of these letters that there are, each once, the oldest first, in one round trip to each of their shards.
    ///
    /// - Throws: `RedisError`.
    package func deadLetters(named ids: [DeadLetterID]) async throws -> [ListedDeadLetter] {
        let meant = sharedOut(ids)
        return try await onShards(meant.keys.sorted()) { shard in
            let ids = (meant[shard.number] ?? []).sorted()
            return try await shard.redis.pipeline(ids.map { XRANGE(shard.keys.deadLetters, from: $0, through: $0) }).flatMap { entries in
                shard.part(try entries.get(), of: 1).elements
            }
        }.joined().sorted { $0.id < $1.id }
    }

    /// The entries of letters by their shards. One that names no shard where there are several, or one that there is not, is no letter.
    private func sharedOut(_ ids: [DeadLetterID]) -> [Int: [StreamEntryID]] {
        let named = Set(ids).filter { clients.count == 1 ? $0.shard == nil : $0.shard.map(clients.indices.contains) ?? false }
        return Dictionary(grouping: named) { $0.shard ?? 0 }.mapValues { $0.map(\.entry) }
    }

    /// Calls the body with the letters that a filter means, part by part, until it answers `false`.
    ///
    /// - Parameters:
    ///   - filter: Which letters are meant.
    ///   - newest: The last letter that is meant; the last that is there now without it.
    ///   - newestFirst: Whether to begin with that one.
    ///   - body: Gets the letters of a part that are meant, and the last that was looked at.
    /// - Throws: `RedisError`; what the body throws.
    package func forEachDeadLetter(
        _ filter: DeadLetterFilter, through newest: DeadLetterID? = nil, newestFirst: Bool = false,
        _ body: (_ letters: [ListedDeadLetter], _ last: DeadLetterID) async throws -> Bool
    ) async throws {
        var last = newest
        if last == nil { last = try await newestDeadLetters(count: 1).first?.id }
        guard let last else { return }
        var reader = newestFirst ? newestLetters(through: last) : oldestLetters(through: last)
        while case let read = try await reader.next(Self.lettersAtOnce).map(\.element), let end = read.last?.id {
            guard try await body(read.filter { filter.matches($0.letter, $0.id) }, end) else { return }
        }
    }

    /// How many letters are read, and published again, at once.
    package static let lettersAtOnce = 200

    /// Removes a dead letter.
    ///
    /// - Throws: `RedisError`.
    public func deleteDeadLetter(_ id: DeadLetterID) async throws { try await delete([id]) }

    /// Removes dead letters.
    ///
    /// - Throws: `RedisError`.
    package func delete(_ letters: [DeadLetterID]) async throws {
        let meant = sharedOut(letters)
        _ = try await onShards(meant.keys.sorted()) { shard in
            _ = try await shard.redis.execute(XDEL(shard.keys.deadLetters, meant[shard.number] ?? []))
        }
    }
}
