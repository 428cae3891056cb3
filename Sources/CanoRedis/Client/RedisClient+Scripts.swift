/// Calls of scripts.
extension RedisClient {
    /// Calls a script: one round trip, with the script's hash as soon as it is known.
    ///
    /// The first calls of a script carry its source, and the client asks the server for the hash beside them. A server that does not
    /// know the hash, because it was restarted or its scripts were flushed, is sent the source once more. The client repeats nothing
    /// else: after a lost connection only the caller knows whether its script may run again.
    ///
    /// - Parameter call: The script with its keys and arguments.
    /// - Returns: The script's reply.
    /// - Throws: ``RedisError``; a script's error as `server`.
    public func evaluate(_ call: RedisScriptCall) async throws(RedisError) -> RESPValue {
        if let byHash = call.byHash {
            let reply = try await connection.send(byHash, timeout: commandTimeout, isIdempotent: false)
            guard reply.isUnknownScript else { return try reply.throwingServerError(of: call.script) }
        } else {
            requestHash(of: call.script)
        }
        let reply = try await connection.send(call.bySource, timeout: commandTimeout, isIdempotent: false)
        return try reply.throwingServerError(of: call.script)
    }

    /// Calls a script from any thread without a task, as ``evaluate(_:)-(RedisScriptCall)`` does.
    ///
    /// Nothing on the way waits for Swift's shared thread pool, so a heartbeat goes out however busy that is.
    ///
    /// - Parameters:
    ///   - call: The script with its keys and arguments.
    ///   - completion: Called once with the reply or what went wrong, always on the connection's thread; it must not block.
    public func evaluate(_ call: RedisScriptCall, completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        let finish: @Sendable (Result<RESPValue, RedisError>) -> Void = { result in
            completion(result.flatMap { reply in Result { () throws(RedisError) in try reply.throwingServerError(of: call.script) } })
        }
        guard let byHash = call.byHash else {
            requestHash(of: call.script)
            return connection.send(call.bySource, timeout: commandTimeout, completion: finish)
        }
        connection.send(byHash, timeout: commandTimeout) { [connection, commandTimeout] result in
            guard case .success(let reply) = result, reply.isUnknownScript else { return finish(result) }
            connection.send(call.bySource, timeout: commandTimeout, completion: finish)
        }
    }

    /// Has the server cache a script before its first call, and learns the hash that names it there.
    ///
    /// Calling a script needs no preparation; this takes the source of a large one out of its first call.
    ///
    /// - Parameter script: The script.
    /// - Returns: The hash.
    /// - Throws: ``RedisError``; a script that does not compile as `server`.
    @discardableResult
    public func load(_ script: RedisScript) async throws(RedisError) -> String {
        let hash = try await execute(SCRIPT.LOAD(script))
        script.forms.learn(hash: hash)
        return hash
    }

    /// Asks for the hash of a script, unless a request is under way. An error reply ends it: a user who may run scripts and may not load
    /// them goes on sending sources.
    private func requestHash(of script: RedisScript) {
        guard script.forms.claimHashRequest() else { return }
        connection.send(EncodedCommand(SCRIPT.LOAD(script).encoded), timeout: commandTimeout) { [forms = script.forms] result in
            switch result {
            case .success(.bulk(let hash)): forms.learn(hash: String(decoding: hash, as: UTF8.self))
            case .success: break
            case .failure: forms.hashRequestFailed()
            }
        }
    }
}

extension RESPValue {
    /// Whether a script was called by a hash the server does not know.
    fileprivate var isUnknownScript: Bool {
        if case .error(let error) = self { error.code == "NOSCRIPT" } else { false }
    }
}
