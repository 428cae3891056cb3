public import CanoBus
public import CanoRedis

/// Commands that could not be carried out.
extension BusClient {
    /// Dead letters, oldest first, with the ids of their entries.
    ///
    /// - Parameters:
    ///   - id: The entry after which to begin; `StreamEntryID.zero` begins with the oldest.
    ///   - count: How many at most.
    /// - Returns: The letters.
    /// - Throws: `RedisError`.
    public func deadLetters(
        after id: StreamEntryID = .zero, count: Int = 100
    ) async throws -> [(id: StreamEntryID, letter: DeadLetter)] {
        guard let first = id.next else { return [] }
        return try await redis.execute(XRANGE(keys.deadLetters, from: first, count: count)).map { ($0.id, DeadLetter($0.fields)) }
    }

    /// Dead letters, newest first, with the ids of their entries.
    ///
    /// - Parameters:
    ///   - id: The newest to answer; the newest there is without it.
    ///   - count: How many at most.
    /// - Returns: The letters.
    /// - Throws: `RedisError`.
    public func newestDeadLetters(
        through id: StreamEntryID? = nil, count: Int = 100
    ) async throws -> [(id: StreamEntryID, letter: DeadLetter)] {
        try await redis.execute(XREVRANGE(keys.deadLetters, from: id, count: count)).map { ($0.id, DeadLetter($0.fields)) }
    }

    /// One dead letter.
    ///
    /// - Parameter id: Its entry.
    /// - Returns: The letter.
    /// - Throws: ``ClientError`` with the code `unknownDeadLetter`; `RedisError`.
    public func deadLetter(_ id: StreamEntryID) async throws -> DeadLetter {
        guard let entry = try await redis.execute(XRANGE(keys.deadLetters, from: id, through: id)).first else {
            throw ClientError.noDeadLetter(id)
        }
        return DeadLetter(entry.fields)
    }

    /// Publishes the command of a dead letter again, and removes the letter. Correct the cause first.
    ///
    /// A crash in between leaves the letter: then the command is published twice when this is repeated. With an id, a start counts once.
    ///
    /// - Parameter id: The letter's entry.
    /// - Returns: The command's new entry.
    /// - Throws: ``ClientError`` with the code `unknownDeadLetter` when the letter is gone, and `notRequeueable` when it is of a run that was
    ///   quarantined, which ``resume(_:replyName:)`` lets go on; `RedisError`.
    @discardableResult
    public func requeueDeadLetter(_ id: StreamEntryID) async throws -> StreamEntryID {
        let letter = ListedDeadLetter(id: id, letter: try await deadLetter(id))
        let (published, refused) = try await requeue([letter])
        if let refusal = refused[id] { throw refusal }
        guard let again = published[id] else { throw RedisError(.unexpectedReply, "XADD answered no entry id") }
        return again
    }

    /// Publishes the commands of dead letters again, in their order, and removes the letters: two writes for all of them.
    ///
    /// A crash in between leaves all of these letters: give some hundreds at the most.
    ///
    /// - Parameter letters: The letters, as they were read.
    /// - Returns: The new entries of the commands that were published, and why the others were not.
    /// - Throws: `RedisError` when Redis did not take one of them; those that it has taken are no letters any more.
    package func requeue(
        _ letters: [ListedDeadLetter]
    ) async throws -> (published: [StreamEntryID: StreamEntryID], refused: [StreamEntryID: ClientError]) {
        var refused: [StreamEntryID: ClientError] = [:]
        for listed in letters where listed.letter.isQuarantine {
            refused[listed.id] = ClientError(
                .notRequeueable, "The dead letter \(listed.id) is of a run that was quarantined: once its cause is gone, resume the run.")
        }
        let meant = letters.filter { refused[$0.id] == nil }
        let results = try await redis.pipeline(
            meant.map { listed in
                XADD(
                    keys.inbound(listed.letter.stream),
                    listed.letter.command.map { (name: String(decoding: $0.name, as: UTF8.self), value: $0.value) })
            })
        var (published, failure): ([StreamEntryID: StreamEntryID], RedisError?) = ([:], nil)
        for (listed, result) in zip(meant, results) {
            switch result {
            case .success(let entry?): published[listed.id] = entry
            case .success(nil): failure = failure ?? RedisError(.unexpectedReply, "XADD answered no entry id")
            case .failure(let error): failure = failure ?? error
            }
        }
        if !published.isEmpty { _ = try await redis.execute(XDEL(keys.deadLetters, meant.map(\.id).filter { published[$0] != nil })) }
        if let failure { throw failure }
        return (published, refused)
    }

    /// Those of these letters that there are, each once, the oldest first, in one round trip.
    ///
    /// - Throws: `RedisError`.
    package func deadLetters(named ids: [StreamEntryID]) async throws -> [ListedDeadLetter] {
        guard !ids.isEmpty else { return [] }
        return try await redis.pipeline(Set(ids).sorted().map { XRANGE(keys.deadLetters, from: $0, through: $0) }).compactMap { entries in
            try entries.get().first.map { ListedDeadLetter(id: $0.id, letter: DeadLetter($0.fields)) }
        }
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
        _ filter: DeadLetterFilter, through newest: StreamEntryID? = nil, newestFirst: Bool = false,
        _ body: (_ letters: [ListedDeadLetter], _ last: StreamEntryID) async throws -> Bool
    ) async throws {
        var last = newest
        if last == nil { last = try await newestDeadLetters(count: 1).first?.id }
        guard let last else { return }
        var place: StreamEntryID? = newestFirst ? last : .zero
        while let from = place {
            let read =
                newestFirst
                ? try await newestDeadLetters(through: from, count: Self.lettersAtOnce)
                : try await deadLetters(after: from, count: Self.lettersAtOnce).filter { $0.id <= last }
            guard let end = read.last?.id else { return }
            let meant = read.filter { filter.matches($0.letter, $0.id) }.map { ListedDeadLetter(id: $0.id, letter: $0.letter) }
            guard try await body(meant, end) else { return }
            place = newestFirst ? end.previous : end
        }
    }

    /// How many letters are read, and published again, at once.
    package static let lettersAtOnce = 200

    /// Removes a dead letter.
    ///
    /// - Throws: `RedisError`.
    public func deleteDeadLetter(_ id: StreamEntryID) async throws { try await delete([id]) }

    /// Removes dead letters.
    ///
    /// - Throws: `RedisError`.
    package func delete(_ letters: [StreamEntryID]) async throws {
        guard !letters.isEmpty else { return }
        _ = try await redis.execute(XDEL(keys.deadLetters, letters))
    }
}
