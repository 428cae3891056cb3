/// Several commands in one write, with a typed outcome each.
extension RedisClient {
    /// Sends commands of one kind next to each other and waits for all their replies. Not a transaction: each stands for itself.
    ///
    /// - Parameter commands: The commands, in order.
    /// - Returns: The outcome of each, in their order; when the caller is cancelled meanwhile, `cancelled` for those without a reply.
    /// - Throws: ``RedisError`` when none was sent: `overloaded`, `cancelled` before it began, `clientShutDown`.
    public func pipeline<C: RedisCommand>(_ commands: [C]) async throws(RedisError) -> [Result<C.Response, RedisError>] {
        try await connection.send(commands.map { (EncodedCommand($0.encoded), $0.isIdempotent) }, timeout: commandTimeout)
            .map { $0.decoded(as: C.self) }
    }

    /// Sends commands of several kinds next to each other and waits for all their replies. Not a transaction: each stands for itself.
    ///
    /// - Parameter commands: The commands, in order.
    /// - Returns: The outcome of each, in their order; when the caller is cancelled meanwhile, `cancelled` for those without a reply.
    /// - Throws: ``RedisError`` when none was sent: `overloaded`, `cancelled` before it began, `clientShutDown`.
    public func pipeline<each C: RedisCommand>(
        _ commands: repeat each C
    ) async throws(RedisError) -> (repeat Result<(each C).Response, RedisError>) {
        var encoded: [(command: EncodedCommand, isIdempotent: Bool)] = []
        for command in repeat each commands { encoded.append((EncodedCommand(command.encoded), command.isIdempotent)) }
        var replies = try await connection.send(encoded, timeout: commandTimeout).makeIterator()
        return (repeat Self.next((each C).self, of: &replies))
    }

    private static func next<C: RedisCommand>(
        _ type: C.Type, of replies: inout IndexingIterator<[Result<RESPValue, RedisError>]>
    ) -> Result<C.Response, RedisError> {
        // The connection answers as many results as commands were sent.
        replies.next()?.decoded(as: type) ?? .failure(RedisError(.unexpectedReply, "a pipeline has fewer replies than commands"))
    }
}

extension Result where Success == RESPValue, Failure == RedisError {
    fileprivate func decoded<C: RedisCommand>(as type: C.Type) -> Result<C.Response, RedisError> {
        flatMap { reply in Result<C.Response, RedisError> { () throws(RedisError) in try C.response(from: reply) } }
    }
}
