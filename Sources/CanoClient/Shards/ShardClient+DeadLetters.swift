import CanoBus
import CanoRedis

/// The dead letters of one shard.
extension ShardClient {
    /// Entries of the stream of dead letters as letters.
    func part(_ entries: [StreamEntry], of count: Int) -> ShardPart<ListedDeadLetter> {
        let letters = entries.map {
            ListedDeadLetter(id: DeadLetterID($0.id, shard: self.count > 1 ? number : nil), letter: DeadLetter($0.fields))
        }
        return ShardPart(elements: letters, isLast: entries.count < count)
    }

    /// Publishes the commands of letters again, in their order, and removes the letters.
    ///
    /// - Returns: The new entries of the commands.
    func requeue(_ letters: [ListedDeadLetter]) async throws -> [DeadLetterID: StreamEntryID] {
        let results = try await redis.pipeline(
            letters.map { listed in
                XADD(
                    keys.inbound(listed.letter.stream),
                    listed.letter.command.map { (name: String(decoding: $0.name, as: UTF8.self), value: $0.value) })
            })
        var (published, failure): ([DeadLetterID: StreamEntryID], RedisError?) = ([:], nil)
        for (listed, result) in zip(letters, results) {
            switch result {
            case .success(let entry?): published[listed.id] = entry
            case .success(nil): failure = failure ?? RedisError(.unexpectedReply, "XADD answered no entry id")
            case .failure(let error): failure = failure ?? error
            }
        }
        if !published.isEmpty {
            _ = try await redis.execute(XDEL(keys.deadLetters, letters.map(\.id).filter { published[$0] != nil }.map(\.entry)))
        }
        if let failure { throw failure }
        return published
    }
}
